import { randomUUID } from "node:crypto";
import { join, type PathUri, parent } from "@holdfast/path-uri";
import { isRemoteError } from "@holdfast/rpc";
import { acrossLines } from "../across-lines.ts";
import { FileTransferError, isNotFound } from "../errors.ts";
import { FILE_MESSAGE_MAX_BYTES } from "../limits.ts";
import type { ExecutorFileSystem } from "./executor-fs.ts";
import type { FilePart, FileParts } from "./file-parts.ts";
import { HandleParts } from "./handle-parts.ts";
import { MessageParts } from "./message-parts.ts";
import { type PlacedNames, placeParts, type RunProgram } from "./place-parts.ts";
import type { WriteStreamOptions } from "./types.ts";

/** What writing a large file needs. */
export interface StagingPort {
  readonly fs: Pick<ExecutorFileSystem, "open" | "writeFile" | "remove" | "copy" | "canonicalize" | "metadata">;
  readonly canStream: boolean;
  /** Undefined where the executor has no `sh`. */
  readonly run: RunProgram | undefined;
}

/** A file on its way: nothing of it is under its final name before `commit`. */
export interface StagedFile {
  readonly parts: FileParts;
  /** Resolves with whether it has the mode that was asked for. */
  commit(): Promise<boolean>;
  /** Leave nothing behind. Never rejects; a line that is lost for good leaves what it has. */
  discard(): Promise<void>;
}

/** @throws RemoteError - There is a folder of that name, or none to put the file in. */
export const stageFile = async (port: StagingPort, path: PathUri, options: WriteStreamOptions): Promise<StagedFile> => {
  if (options.sandbox !== undefined && options.sandbox !== null) return unstaged(port, path, options);
  const final = await finalName(port, path, options);
  const folder = parent(final);
  if (folder === undefined) throw new FileTransferError("not-placed", "the root is no place for a file");
  const names: PlacedNames = { folder, final, base: `.holdfast-${randomUUID()}` };
  const partName = (index: number): PathUri => join(folder, `${names.base}.${index}`);
  const { signal } = options;
  const parts = port.canStream
    ? new HandleParts((index) => port.fs.open(partName(index), { mode: "replace", signal }), {
        canGoOn: port.run !== undefined,
      })
    : new MessageParts((index, data) => port.fs.writeFile(partName(index), data, { signal }));
  const remove = async (which: (index: number) => boolean): Promise<void> => {
    const left = Array.from({ length: parts.partsBegun }, (_, index) => index).filter(which);
    // Nobody else uses these names, so that it may be done twice.
    const removed = left.map((index) => acrossLines(() => port.fs.remove(partName(index), { force: true })));
    await Promise.allSettled(removed);
  };
  const commit = async (): Promise<boolean> => {
    const written = await parts.finish();
    options.signal?.throwIfAborted();
    if (port.run !== undefined) {
      const hasMode = await placeParts(port.run, names, { parts: written, mode: options.mode });
      const used = new Set(written.map(({ index }) => index));
      await remove((index) => !used.has(index));
      return hasMode;
    }
    await port.fs.copy(partName(onlyPart(written).index), final);
    await port.fs.remove(partName(0), { force: true });
    return options.mode === undefined;
  };
  const discard = async (): Promise<void> => {
    await parts.abandon();
    await remove(() => true);
  };
  return { parts, commit, discard };
};

/** With whose rights a program would run is not for files to say: the file itself is written, from its start. */
const unstaged = (port: StagingPort, path: PathUri, options: WriteStreamOptions): StagedFile => {
  const { sandbox, signal } = options;
  const parts = port.canStream
    ? new HandleParts(() => port.fs.open(path, { mode: "replace", sandbox, signal }), { canGoOn: false })
    : new MessageParts(() => Promise.reject(tooLarge()));
  return {
    parts,
    commit: async () => {
      await parts.finish();
      return options.mode === undefined;
    },
    discard: () => parts.abandon(),
  };
};

/** Through links to what they lead to, which may be absent. */
const finalName = async (port: StagingPort, path: PathUri, options: WriteStreamOptions): Promise<PathUri> => {
  try {
    const final = await port.fs.canonicalize(path, { signal: options.signal });
    const { isFile, isDirectory } = await port.fs.metadata(final, { signal: options.signal });
    if (isFile) return final;
    const what = isDirectory ? "Is a directory (os error 21)" : "it is neither a file nor a folder";
    throw new FileTransferError("not-placed", `cannot put the file in place: ${what}`);
  } catch (error) {
    if (isRemoteError(error) && isNotFound(error)) return path;
    throw error;
  }
};

const onlyPart = ([first, ...more]: readonly FilePart[]): FilePart => {
  if (first === undefined || more.length > 0) throw tooLarge();
  return first;
};

const tooLarge = (): FileTransferError =>
  new FileTransferError(
    "unsupported",
    `files of more than ${FILE_MESSAGE_MAX_BYTES} bytes need an executor of 0.169 or later, or one with sh and no sandbox`,
  );
