import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { lstat, realpath, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DiskPrograms } from "./disk-programs.ts";
import { type FakeExecServer, type Handler, type HandlerParams, Refusal } from "./fake-exec-server.ts";

type Params = HandlerParams & {
  readonly path: string;
  readonly chunk: string;
  readonly dataBase64: string;
  readonly mode?: string;
};

function refusing(operation: (params: Params, server: FakeExecServer) => Promise<unknown>): Handler {
  return async (params, server) => {
    try {
      return await operation(params as Params, server);
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
      throw new Refusal(isMissing ? -32004 : -32603, (error as Error).message);
    }
  };
}

/**
 * Handlers that work on the real disk and run real programs: for one line each, because handles end with theirs.
 *
 * @param programs - Those of the lines before.
 */
export function diskHandlers(programs: DiskPrograms = new DiskPrograms()): Record<string, Handler> {
  const handles = new Map<string, number>();
  const handle = (handleId: string): number => {
    const found = handles.get(handleId);
    if (found === undefined) throw new Error(`unknown file handle ${handleId}`);
    return found;
  };
  return {
    "fs/open": refusing(async ({ handleId, path, mode }) => {
      handles.set(handleId, openSync(fileURLToPath(path), mode === "replace" ? "w" : "r"));
      return { handleId };
    }),
    "fs/readBlock": refusing(async ({ handleId, offset, len }) => {
      const buffer = Buffer.alloc(len);
      const bytesRead = readSync(handle(handleId), buffer, 0, len, offset);
      return { chunk: buffer.subarray(0, bytesRead).toString("base64"), eof: bytesRead < len };
    }),
    "fs/writeBlock": refusing(async ({ handleId, offset, chunk }) => {
      writeSync(handle(handleId), Buffer.from(chunk, "base64"), 0, undefined, offset);
      return {};
    }),
    "fs/close": refusing(async ({ handleId }) => {
      closeSync(handle(handleId));
      handles.delete(handleId);
      return {};
    }),
    "fs/writeFile": refusing(async ({ path, dataBase64 }) => {
      await writeFile(fileURLToPath(path), Buffer.from(dataBase64, "base64"));
      return {};
    }),
    "fs/remove": refusing(async ({ path }) => {
      await rm(fileURLToPath(path), { force: true });
      return {};
    }),
    "fs/canonicalize": refusing(async ({ path }) => ({
      path: pathToFileURL(await realpath(fileURLToPath(path))).href,
    })),
    "fs/getMetadata": refusing(async ({ path }) => {
      const stats = await stat(fileURLToPath(path));
      const isSymlink = (await lstat(fileURLToPath(path))).isSymbolicLink();
      const kinds = { isDirectory: stats.isDirectory(), isFile: stats.isFile(), isSymlink };
      return { ...kinds, size: stats.size, createdAtMs: 0, modifiedAtMs: Math.round(stats.mtimeMs) };
    }),
    ...programs.handlers(),
  };
}
