import { connect } from "@holdfast/exec-client";
import { fileOf } from "../files.ts";
import type { Row, RowContext } from "../row.ts";
import { median } from "../statistics.ts";
import { readBlocks } from "../transfers.ts";
import { MIB, mibPerSecond } from "../units.ts";
import { streamBody } from "./http.ts";

/** The client may cost this much beside the bare wire. */
const SHARE = 0.15;
const TRUE = "/usr/bin/true";

async function drain(body: ReadableStream<Uint8Array>, size: number): Promise<void> {
  let bytes = 0;
  for await (const block of body) bytes += block.length;
  if (bytes !== size) throw new Error(`${bytes} bytes of ${size} came`);
}

/** `executor.run` beside start and `process/closed` on the wire, in turns. */
export const clientRun: Row = {
  id: "client-run",
  title: "`executor.run`, time beside the bare wire",
  unit: "x",
  target: 1 + SHARE,
  better: "lower",
  async measure({ client, target, smoke, note }) {
    await using executor = await connect(target.url);
    const wire: number[] = [];
    const runs: number[] = [];
    for (let index = 0; index < (smoke ? 3 : 60); index++) {
      const begin = performance.now();
      await client.runToClose({ argv: [TRUE] });
      const between = performance.now();
      await executor.run([TRUE]);
      wire.push(between - begin);
      runs.push(performance.now() - between);
    }
    note(`${median(runs).toFixed(2)} ms against ${median(wire).toFixed(2)} ms`);
    return median(runs) / median(wire);
  },
};

interface Transfers {
  readonly wire: () => Promise<void>;
  readonly client: () => Promise<void>;
}

async function speedOf(size: number, transfer: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await transfer();
  return mibPerSecond(size, begin);
}

async function throughput({ note }: RowContext, size: number, transfers: Transfers): Promise<number> {
  const wire = await speedOf(size, transfers.wire);
  const client = await speedOf(size, transfers.client);
  note(`${Math.round(client)} MiB/s against ${Math.round(wire)} MiB/s`);
  return client / wire;
}

/** `createReadStream` beside blocks on the wire. */
export const clientReadStream: Row = {
  id: "client-read-stream",
  title: "`createReadStream`, throughput beside the bare wire",
  unit: "x",
  target: 1 - SHARE,
  better: "higher",
  async measure(context) {
    const { client, target, scratch, smoke } = context;
    const size = (smoke ? 8 : 256) * MIB;
    const path = await fileOf(scratch, size);
    await using executor = await connect(target.url);
    return await throughput(context, size, {
      wire: () => readBlocks(client, { path, size, blockBytes: MIB, inFlight: 8 }),
      client: () => drain(executor.fs.createReadStream(path), size),
    });
  },
};

/** `executor.fetch` beside `http/request` on the wire. */
export const clientFetch: Row = {
  id: "client-fetch",
  title: "`executor.fetch`, throughput beside the bare wire",
  unit: "x",
  target: 1 - SHARE,
  better: "higher",
  async measure(context) {
    const { client, target, origin, smoke } = context;
    const size = (smoke ? 8 : 256) * MIB;
    const url = `${origin}/bytes/${size}`;
    await using executor = await connect(target.url);
    return await throughput(context, size, {
      wire: () => streamBody(client, url, size),
      client: async () => {
        const { body } = await executor.fetch(url);
        if (body === null) throw new Error("no body came");
        await drain(body, size);
      },
    });
  },
};
