import {
  Base64Bytes,
  type EmptyResult,
  FILE_HANDLE_ID_MAX_BYTES,
  type FsCloseParams,
  type FsOpenParams,
  type FsOpenResult,
  type FsReadBlockParams,
  type FsReadBlockResult,
  type FsWriteBlockParams,
  type Received,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import { freeMemory } from "@holdfast/protocol-kit";
import { asBuffer } from "../platform/as-buffer.ts";
import { bufferPool } from "../platform/buffer-pool.ts";
import type { CallContext } from "../session/call-context.ts";
import { asWireFaults, invalidRequest } from "./faults.ts";
import { operations } from "./file-turns.ts";
import { nativePath } from "./paths.ts";

const DONE = {};

async function open(params: Received<FsOpenParams>, context: CallContext): Promise<FsOpenResult> {
  const { connection } = context;
  const { handleId } = params;
  if (Buffer.byteLength(handleId) > FILE_HANDLE_ID_MAX_BYTES) {
    throw invalidRequest(`file handle ID must not exceed ${FILE_HANDLE_ID_MAX_BYTES} bytes`);
  }
  const path = nativePath(params.path);
  const mode = params.mode ?? "read";
  // Access is decided here, once: blocks go to what is open, wherever that is.
  const { open: openFile } = operations(params, mode === "read" ? "read" : "write", context);
  await asWireFaults(connection.handles.open(handleId, path, mode, openFile), { path: params.path });
  return { handleId };
}

async function readBlock(params: FsReadBlockParams, { connection }: CallContext): Promise<Sendable<FsReadBlockResult>> {
  const { handleId, offset, len } = params;
  const { chunk, eof } = await asWireFaults(connection.handles.readBlock(handleId, offset, len));
  return { chunk: new Base64Bytes(chunk, () => bufferPool.give(chunk)), eof };
}

async function writeBlock(params: Received<FsWriteBlockParams>, { connection }: CallContext): Promise<EmptyResult> {
  const { handleId, offset, chunk } = params;
  await asWireFaults(connection.handles.writeBlock(handleId, offset, asBuffer(chunk)));
  freeMemory(chunk);
  return DONE;
}

async function close({ handleId }: FsCloseParams, { connection }: CallContext): Promise<EmptyResult> {
  await connection.handles.close(handleId);
  return DONE;
}

/** `fs/open`, blocks and `fs/close`: the files that a connection holds open. */
export const fileHandleHandlers = {
  "fs/open": open,
  "fs/readBlock": readBlock,
  "fs/writeBlock": writeBlock,
  "fs/close": close,
};
