import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileOf, uriOf } from "../files.ts";
import { startFlood } from "../processes.ts";
import { type Curve, type RowContext, Unsupported } from "../row.ts";
import { median } from "../statistics.ts";
import { readBlocks, writeBlocks } from "../transfers.ts";
import { KIB, MIB } from "../units.ts";
import { Refusal } from "../wire/client.ts";

const GIB = 1_024 * MIB;
const SIZES = [1, KIB, 8 * KIB, 64 * KIB, MIB, 8 * MIB, 64 * MIB, GIB];
const SMOKE_SIZES = [1, 64 * KIB, 2 * MIB];

/** Milliseconds of one transfer; small ones are done often and the median counts. */
async function timeOf(size: number, smoke: boolean, transfer: () => Promise<void>): Promise<number> {
  const samples = smoke || size > 8 * MIB ? 1 : size < MIB ? 40 : 10;
  // Warm, except for what takes long enough not to care.
  if (!smoke && size <= 8 * MIB) await transfer();
  const times: number[] = [];
  for (let index = 0; index < samples; index++) {
    const begin = performance.now();
    await transfer();
    times.push(performance.now() - begin);
  }
  return median(times);
}

const bySize = {
  unit: "ms",
  better: "lower",
  x: "bytes",
  values: SIZES,
  smokeValues: SMOKE_SIZES,
} as const;

/** A whole file through a handle: open, blocks, close. */
export const readSizes: Curve = {
  ...bySize,
  id: "read-sizes",
  title: "a file read through a handle (open, blocks of up to 1 MiB, close)",
  async measure({ client, scratch, smoke }, size) {
    const path = await fileOf(scratch, size);
    const read = { path, size, blockBytes: Math.min(size, MIB), inFlight: 8 };
    const time = await timeOf(size, smoke, () => readBlocks(client, read));
    return time;
  },
};

/** A program that prints `size` bytes, from its start to its close. */
export const stdoutSizes: Curve = {
  ...bySize,
  id: "stdout-sizes",
  title: "a program that prints (start to `process/closed`)",
  measure: ({ client, smoke }, size) =>
    timeOf(size, smoke, async () => {
      const flood = await startFlood(client, ["head", "-c", String(size), "/dev/zero"]);
      await flood.closed;
      if (flood.bytes() !== size) throw new Error(`${flood.bytes()} bytes of ${size} came`);
    }),
};

async function writeOnce({ client }: RowContext, path: string, params: string | undefined, size: number) {
  if (params !== undefined) await client.callWithJson("fs/writeFile", params);
  else {
    await writeBlocks(client, path, size).catch((error: unknown) => {
      throw error instanceof Refusal ? new Unsupported(`refused (${error.code})`) : error;
    });
  }
}

/** A file written: in one message up to 8 MiB, through a handle above. */
export const writeSizes: Curve = {
  ...bySize,
  id: "write-sizes",
  title: "a file written (`fs/writeFile` up to 8 MiB, `fs/writeBlock` above)",
  async measure(context, size) {
    const path = join(context.scratch, `write-${context.target.name}.bin`);
    const text = size > 8 * MIB ? undefined : Buffer.alloc(size, "holdfast").toString("base64");
    const params = text === undefined ? undefined : `{"path":"${uriOf(path)}","dataBase64":"${text}"}`;
    try {
      return await timeOf(size, context.smoke, () => writeOnce(context, path, params, size));
    } finally {
      await rm(path, { force: true });
    }
  },
};
