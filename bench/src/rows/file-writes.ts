import { stat, writeFile as writeWhole } from "node:fs/promises";
import { join } from "node:path";
import { uriOf } from "../files.ts";
import { type PlainLimit, type Row, type RowContext, Unsupported } from "../row.ts";
import { median } from "../statistics.ts";
import { writeBlocks } from "../transfers.ts";
import { MIB, mibPerSecond } from "../units.ts";
import { LineLost, Refusal } from "../wire/client.ts";

/** Below the 16 MiB that a frame may have. */
const FRAGMENT_BYTES = 8 * MIB;
const TRANSFERS = 7;

function decodeAndWrite(size: number): PlainLimit {
  return {
    what: "decode and write in Node",
    async measure({ scratch }) {
      const text = Buffer.alloc(size, "holdfast").toString("base64");
      const begin = performance.now();
      await writeWhole(join(scratch, "plain.bin"), Buffer.from(text, "base64"));
      return mibPerSecond(size, begin);
    },
  };
}

/** MiB/s of a write of `size` bytes to `path`. One takes a tenth of a second: too little for one to tell. */
async function medianSpeed(smoke: boolean, path: string, size: number, write: () => Promise<unknown>): Promise<number> {
  const speeds: number[] = [];
  while (speeds.length < (smoke ? 1 : TRANSFERS)) {
    const begin = performance.now();
    await write();
    speeds.push(mibPerSecond(size, begin));
    await expectSize(path, size);
  }
  return median(speeds);
}

async function expectSize(path: string, size: number): Promise<void> {
  const found = (await stat(path)).size;
  if (found !== size) throw new Error(`${found} bytes of ${size} were written`);
}

async function timeWrite(
  { client, scratch, smoke, target }: RowContext,
  size: number,
  fragmentBytes: number | undefined,
): Promise<number> {
  const path = join(scratch, `written-${target.name}.bin`);
  const dataBase64 = Buffer.alloc(size, "holdfast").toString("base64");
  const params = `{"path":"${uriOf(path)}","dataBase64":"${dataBase64}"}`;
  const options = fragmentBytes === undefined ? {} : { fragmentBytes };
  return await medianSpeed(smoke, path, size, () =>
    client.callWithJson("fs/writeFile", params, options).catch((error: unknown) => {
      throw error instanceof LineLost ? new Unsupported("the peer closes the connection") : error;
    }),
  );
}

const write16 = {
  unit: "MiB/s",
  better: "higher",
  limit: decodeAndWrite(16 * MIB),
} as const;

/** One message of 22 MiB in frames that are within the limit of 16 MiB each. */
export const writeFile16: Row = {
  ...write16,
  id: "write-file-16",
  title: "`fs/writeFile` 16 MiB, in fragments",
  target: 150,
  measure: (context) => timeWrite(context, 16 * MIB, FRAGMENT_BYTES),
};

/** The same message in one frame. */
export const writeFile16OneFrame: Row = {
  ...write16,
  id: "write-file-16-one-frame",
  title: "`fs/writeFile` 16 MiB, in one frame",
  measure: (context) => timeWrite(context, 16 * MIB, undefined),
};

/** More than a message may carry: through a handle, where the peer has them for writing. */
export const writeFile64: Row = {
  id: "write-file-64",
  title: "a file of 64 MiB through `fs/writeBlock`",
  unit: "MiB/s",
  target: 150,
  better: "higher",
  limit: decodeAndWrite(64 * MIB),
  async measure({ client, scratch, smoke, target }) {
    const size = 64 * MIB;
    const path = join(scratch, `written-${target.name}.bin`);
    return await medianSpeed(smoke, path, size, () =>
      writeBlocks(client, path, size).catch((error: unknown) => {
        throw error instanceof Refusal ? new Unsupported(`refused (${error.code})`) : error;
      }),
    );
  },
};
