import { uriOf } from "./files.ts";
import { MIB } from "./units.ts";
import type { WireClient } from "./wire/client.ts";

let handles = 0;

export interface Blocks {
  readonly size: number;
  readonly blockBytes: number;
  readonly inFlight: number;
}

export interface BlockRead extends Blocks {
  readonly path: string;
}

/** Ask for block after block, `inFlight` at a time, and count their bytes. */
export async function inBlocks(blocks: Blocks, read: (offset: number) => Promise<number>): Promise<void> {
  const { size, blockBytes, inFlight } = blocks;
  let next = 0;
  let bytes = 0;
  const worker = async () => {
    while (next < size) {
      const offset = next;
      next += blockBytes;
      const count = await read(offset);
      bytes += count;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  if (bytes !== size) throw new Error(`${bytes} bytes of ${size} came`);
}

/** Read a file through a handle, with `inFlight` blocks asked for at a time. */
export async function readBlocks(client: WireClient, { path, ...blocks }: BlockRead): Promise<void> {
  const handleId = `h${++handles}`;
  await client.call("fs/open", { handleId, path: uriOf(path) });
  await inBlocks(blocks, (offset) =>
    client.callForBytes("fs/readBlock", { handleId, offset, len: blocks.blockBytes }, "chunk"),
  );
  await client.call("fs/close", { handleId });
}

/** Write a file through a handle (0.169 and later), four blocks of 1 MiB at a time. */
export async function writeBlocks(client: WireClient, path: string, size: number): Promise<void> {
  const handleId = `h${++handles}`;
  await client.call("fs/open", { handleId, path: uriOf(path), mode: "replace" });
  const full = Buffer.alloc(Math.min(size, MIB), "holdfast").toString("base64");
  let next = 0;
  const worker = async () => {
    while (next < size) {
      const offset = next;
      next += MIB;
      const bytes = Math.min(MIB, size - offset);
      const chunk = bytes === MIB || size < MIB ? full : Buffer.alloc(bytes, "holdfast").toString("base64");
      await client.callWithJson("fs/writeBlock", `{"handleId":"${handleId}","offset":${offset},"chunk":"${chunk}"}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  await client.call("fs/close", { handleId });
}
