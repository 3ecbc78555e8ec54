import { uriOf } from "./files.ts";
import { MIB } from "./units.ts";
import type { WireClient } from "./wire/client.ts";

let handles = 0;

export interface BlockRead {
  readonly path: string;
  readonly size: number;
  readonly blockBytes: number;
  readonly inFlight: number;
}

/** Read a file through a handle, with `inFlight` blocks asked for at a time. */
export async function readBlocks(client: WireClient, { path, size, blockBytes, inFlight }: BlockRead): Promise<void> {
  const handleId = `h${++handles}`;
  await client.call("fs/open", { handleId, path: uriOf(path) });
  let next = 0;
  let read = 0;
  const worker = async () => {
    while (next < size) {
      const offset = next;
      next += blockBytes;
      const bytes = await client.callForBytes("fs/readBlock", { handleId, offset, len: blockBytes }, "chunk");
      read += bytes;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  await client.call("fs/close", { handleId });
  if (read !== size) throw new Error(`${read} bytes of ${size} came`);
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
