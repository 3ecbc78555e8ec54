import type { Executor } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { FrameFeeder } from "../executor/frame-feeder.ts";

/** A new file on the executor that bytes are written to, from the first to the last. */
export interface RemoteSink extends AsyncDisposable {
  /** Resolves when there is room for more. The bytes must not change afterwards. */
  write(data: Uint8Array): Promise<void>;
  /** Resolves when everything is in the file. */
  end(): Promise<void>;
}

/** Blocks on their way at once. */
const MAX_BLOCKS_IN_FLIGHT = 4;

/** One message must stay below 16 MiB, in base64 and with what is around it. */
const WHOLE_MAX_BYTES = 11 * 1024 * 1024;

/** Open the new file in the way the executor knows: in blocks, through `sh`, or in one message. */
export async function openRemoteSink(executor: Executor, path: PathUri): Promise<RemoteSink> {
  const { capabilities, pathConvention } = executor.environment;
  if (capabilities.fileWriteStreaming) return blockSink(executor, path);
  return pathConvention === "windows" ? wholeSink(executor, path) : FrameFeeder.start(executor, "file", path);
}

async function blockSink(executor: Executor, path: PathUri): Promise<RemoteSink> {
  const handle = await executor.fs.open(path, { mode: "replace" });
  // Oldest first. A block that failed stays until somebody waits for it.
  const inFlight: Promise<void>[] = [];
  let offset = 0;
  return {
    async write(data) {
      if (data.byteLength === 0) return;
      const block = handle.write(offset, data);
      block.catch(() => {});
      inFlight.push(block);
      offset += data.byteLength;
      if (inFlight.length >= MAX_BLOCKS_IN_FLIGHT) await inFlight.shift();
    },
    async end() {
      await Promise.all(inFlight);
      await handle.close();
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(inFlight);
      await handle.close().catch(() => {});
    },
  };
}

async function wholeSink(executor: Executor, path: PathUri): Promise<RemoteSink> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  return {
    async write(data) {
      parts.push(data);
      bytes += data.byteLength;
      if (bytes > WHOLE_MAX_BYTES) {
        throw new CommandFailure(`files of more than ${WHOLE_MAX_BYTES} bytes need a newer executor on that system`);
      }
    },
    end: () => executor.fs.writeFile(path, Buffer.concat(parts)),
    async [Symbol.asyncDispose]() {},
  };
}
