import { open, readFile as readWhole } from "node:fs/promises";
import { fileOf, uriOf } from "../files.ts";
import type { Row } from "../row.ts";
import { readBlocks } from "../transfers.ts";
import { MIB, mibPerSecond } from "../units.ts";

const IN_FLIGHT = 8;

async function readAndEncode(path: string, size: number): Promise<number> {
  const begin = performance.now();
  await using file = await open(path);
  for (let at = 0; at < size; at += MIB) {
    const { buffer } = await file.read(Buffer.allocUnsafe(MIB), 0, MIB, at);
    buffer.toString("base64");
  }
  return mibPerSecond(size, begin);
}

/** A file through a handle, the way a client streams it. */
export const readBlock: Row = {
  id: "read-block",
  title: `\`fs/readBlock\`, 1 MiB blocks, ${IN_FLIGHT} in flight`,
  unit: "MiB/s",
  target: 300,
  better: "higher",
  limit: {
    what: "read and encode in Node",
    async measure({ scratch, smoke }) {
      const size = (smoke ? 8 : 256) * MIB;
      return readAndEncode(await fileOf(scratch, size), size);
    },
  },
  async measure({ client, scratch, smoke }) {
    const size = (smoke ? 8 : 256) * MIB;
    const path = await fileOf(scratch, size);
    const begin = performance.now();
    await readBlocks(client, { path, size, blockBytes: MIB, inFlight: IN_FLIGHT });
    return mibPerSecond(size, begin);
  },
};

const FILE_BYTES = 48 * MIB;

/** A large file in one answer. */
export const readFile: Row = {
  id: "read-file",
  title: "`fs/readFile` 48 MiB",
  unit: "MiB/s",
  target: 200,
  better: "higher",
  limit: {
    what: "read and encode in Node",
    async measure({ scratch }) {
      const path = await fileOf(scratch, FILE_BYTES);
      const begin = performance.now();
      (await readWhole(path)).toString("base64");
      return mibPerSecond(FILE_BYTES, begin);
    },
  },
  async measure({ client, scratch }) {
    const path = await fileOf(scratch, FILE_BYTES);
    const begin = performance.now();
    const size = await client.callForBytes("fs/readFile", { path: uriOf(path) }, "dataBase64");
    if (size !== FILE_BYTES) throw new Error(`${size} bytes of ${FILE_BYTES} came`);
    return mibPerSecond(FILE_BYTES, begin);
  },
};
