import { connect } from "@holdfast/exec-client";
import { fileOf, uriOf } from "../files.ts";
import type { Row, RowContext } from "../row.ts";
import { median } from "../statistics.ts";
import { inBlocks } from "../transfers.ts";
import { MIB, mibPerSecond } from "../units.ts";
import { HandWrittenClient } from "../wire/hand-written.ts";

/** The client may cost this much beside the wire by hand. */
const SHARE = 0.15;
const TRUE = "/usr/bin/true";
/** Compiled code is compared, not how soon it is compiled. */
const WARM_UPS = 100;
const IN_FLIGHT = 8;

async function drain(body: ReadableStream<Uint8Array>, size: number): Promise<void> {
  let bytes = 0;
  for await (const block of body) bytes += block.length;
  if (bytes !== size) throw new Error(`${bytes} bytes of ${size} came`);
}

let processes = 0;

/** Start a program, take its output, and wait for its close. */
async function runByHand(client: HandWrittenClient, argv: readonly string[]): Promise<Buffer> {
  const processId = `by-hand-${++processes}`;
  const output: Buffer[] = [];
  const closed = new Promise<void>((resolve) => {
    client.onNotice = ({ method, params }) => {
      if (params.processId !== processId) return;
      if (method === "process/output") output.push(Buffer.from(String(params.chunk), "base64"));
      if (method === "process/closed") resolve();
    };
  });
  await client.call("process/start", { processId, argv, cwd: "file:///", env: {}, tty: false });
  await closed;
  return Buffer.concat(output);
}

/** `executor.run` beside start and `process/closed` by hand, in turns. */
export const clientRun: Row = {
  id: "client-run",
  title: "`executor.run`, time beside the wire by hand",
  unit: "x",
  target: 1 + SHARE,
  better: "lower",
  async measure({ target, smoke, note }) {
    await using byHand = await HandWrittenClient.connect(target.url);
    await using executor = await connect(target.url);
    const wire: number[] = [];
    const runs: number[] = [];
    for (let index = smoke ? 0 : -WARM_UPS; index < (smoke ? 3 : 2 * WARM_UPS); index++) {
      const begin = performance.now();
      await runByHand(byHand, [TRUE]);
      const between = performance.now();
      await executor.run([TRUE]);
      if (index < 0) continue;
      wire.push(between - begin);
      runs.push(performance.now() - between);
    }
    note(`${median(runs).toFixed(2)} ms against ${median(wire).toFixed(2)} ms`);
    return median(runs) / median(wire);
  },
};

/** Read a file through a handle, with some blocks asked for at a time, and decode them. */
async function readByHand(client: HandWrittenClient, path: string, size: number): Promise<void> {
  const handleId = "by-hand";
  await client.call("fs/open", { handleId, path: uriOf(path) });
  await inBlocks({ size, blockBytes: MIB, inFlight: IN_FLIGHT }, async (offset) => {
    const { chunk } = await client.call<{ chunk: string }>("fs/readBlock", { handleId, offset, len: MIB });
    return Buffer.from(chunk, "base64").length;
  });
  await client.call("fs/close", { handleId });
}

/** Fetch a body as it streams in, and decode it. */
async function fetchByHand(client: HandWrittenClient, url: string, size: number): Promise<void> {
  let bytes = 0;
  const ended = new Promise<void>((resolve, reject) => {
    client.onNotice = ({ method, params }) => {
      if (method !== "http/request/bodyDelta") return;
      bytes += Buffer.from(String(params.deltaBase64), "base64").length;
      if (params.done === true) resolve();
      if (typeof params.error === "string") reject(new Error(params.error));
    };
  });
  const call = client.call("http/request", { method: "GET", url, requestId: "by-hand", streamResponse: true });
  await Promise.all([call, ended]);
  if (bytes !== size) throw new Error(`${bytes} bytes of ${size} came`);
}

async function speedOf(size: number, transfer: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await transfer();
  return mibPerSecond(size, begin);
}

/** In turns, so that both have the same share of a machine that slows down. */
async function throughput(
  { note, smoke }: RowContext,
  size: number,
  transfers: { readonly wire: () => Promise<void>; readonly client: () => Promise<void> },
): Promise<number> {
  const wire: number[] = [];
  const client: number[] = [];
  for (let turn = 0; turn < (smoke ? 1 : 3); turn++) {
    wire.push(await speedOf(size, transfers.wire));
    client.push(await speedOf(size, transfers.client));
  }
  note(`${Math.round(median(client))} MiB/s against ${Math.round(median(wire))} MiB/s`);
  return median(client) / median(wire);
}

/** `createReadStream` beside blocks by hand. */
export const clientReadStream: Row = {
  id: "client-read-stream",
  title: "`createReadStream`, throughput beside the wire by hand",
  unit: "x",
  target: 1 - SHARE,
  better: "higher",
  async measure(context) {
    const { target, scratch, smoke } = context;
    const size = (smoke ? 8 : 256) * MIB;
    const path = await fileOf(scratch, size);
    await using byHand = await HandWrittenClient.connect(target.url);
    await using executor = await connect(target.url);
    return await throughput(context, size, {
      wire: () => readByHand(byHand, path, size),
      client: () => drain(executor.fs.createReadStream(path), size),
    });
  },
};

/** `executor.fetch` beside `http/request` by hand. */
export const clientFetch: Row = {
  id: "client-fetch",
  title: "`executor.fetch`, throughput beside the wire by hand",
  unit: "x",
  target: 1 - SHARE,
  better: "higher",
  async measure(context) {
    const { target, origin, smoke } = context;
    const size = (smoke ? 8 : 256) * MIB;
    const url = `${origin}/bytes/${size}`;
    await using byHand = await HandWrittenClient.connect(target.url);
    await using executor = await connect(target.url);
    return await throughput(context, size, {
      wire: () => fetchByHand(byHand, url, size),
      client: async () => {
        const { body } = await executor.fetch(url);
        if (body === null) throw new Error("no body came");
        await drain(body, size);
      },
    });
  },
};
