import {
  ancestors,
  displayPath,
  join,
  type PathUri,
  parent,
  pathUriFromNativeBytes,
  toNativeBytes,
} from "@holdfast/path-uri";
import { FileTransferError, isNotFound } from "../errors.ts";
import { FILE_MESSAGE_MAX_BYTES } from "../limits.ts";
import { randomUuid } from "../random-uuid.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { isConfined } from "../sandbox/sandbox-context.ts";
import { type StagingStub, stageOnExecutor } from "./executor-stage.ts";
import type { FileOperations } from "./file-operations.ts";
import type { FilePart } from "./file-parts.ts";
import { HandleParts } from "./handle-parts.ts";
import type { KeeperHost } from "./keeper.ts";
import { MessageParts } from "./message-parts.ts";
import { stageByShell } from "./shell-file.ts";
import type { FillableFile, FillableFileOptions, StagedFile } from "./staged-file.ts";
import type { WriteStreamOptions } from "./types.ts";

const SLASH = 0x2f;
const SEPARATOR = Buffer.from("/");

/** What writing a large file needs. */
export interface StagingPort {
  /** Undefined where the executor stages nothing itself. */
  readonly stub: StagingStub | undefined;
  readonly fs: FileOperations;
  readonly canStream: boolean;
  /** Undefined where the executor has no `sh`. */
  readonly shell: KeeperHost | undefined;
}

/**
 * @throws RemoteError, FileTransferError `not-placed` - There is a folder of that name, none to put the file in, or a link
 * where none may be.
 */
export async function stageFile(
  port: StagingPort,
  path: PathUri,
  options: WriteStreamOptions & FillableFileOptions,
): Promise<StagedFile> {
  if (isConfined(options.sandbox)) return unstaged(port, path, options);
  return stageFillable(port, path, options);
}

/** As {@link stageFile}, without a sandbox. */
export async function stageFillable(
  port: StagingPort,
  path: PathUri,
  options: FillableFileOptions,
): Promise<FillableFile> {
  if (port.stub !== undefined) return stageOnExecutor(port.stub, path, options);
  if (options.noReplace === true) throw new TypeError("no other way than staging keeps what has the name");
  const final = await finalName(port, path, options);
  if (port.shell !== undefined) return stageByShell({ ...port, ...port.shell }, final, options);
  await refuseLinks(port, final, options);
  return stageByCopy(port, final, options);
}

/** The last resort: one part beside the file, and a copy of it. */
function stageByCopy(port: StagingPort, final: PathUri, options: FillableFileOptions): FillableFile {
  const { signal, mode } = options;
  const folder = parent(final);
  if (folder === undefined) throw new FileTransferError("not-placed", "the root is no place for a file");
  const part = join(folder, `.holdfast-${randomUuid()}`);
  const open = () => port.fs.open(part, { mode: "replace", signal });
  const write = (_: number, data: Uint8Array) => port.fs.writeFile(part, data, { signal });
  const parts = port.canStream ? new HandleParts(open, { canGoOn: false }) : new MessageParts(write);
  const remove = (): Promise<void> =>
    retryAcrossReconnects(() => port.fs.remove(part, { force: true })).catch(() => {});
  let isCopied = false;
  return {
    blocks: parts,
    async copyFrom(source) {
      await port.fs.copy(source, part, { signal });
      isCopied = true;
    },
    async commit() {
      if (!isCopied) checkOnePart(await parts.finish());
      signal?.throwIfAborted();
      await refuseLinks(port, final, options);
      await port.fs.copy(part, final);
      await remove();
      return mode === undefined;
    },
    async discard() {
      await parts.abandon();
      await remove();
    },
  };
}

/** With whose rights a program would run is not for files to say: the file itself is written, from its start. */
function unstaged(port: StagingPort, path: PathUri, options: WriteStreamOptions): StagedFile {
  const { sandbox, signal, noFollowNames = 0 } = options;
  if (noFollowNames > 0) {
    throw new FileTransferError(
      "unsupported",
      "under a sandbox links are followed: leave `noFollowNames` or `sandbox` away",
    );
  }
  const parts = port.canStream
    ? new HandleParts(() => port.fs.open(path, { mode: "replace", sandbox, signal }), { canGoOn: false })
    : new MessageParts(() => Promise.reject(tooLarge()));
  return {
    blocks: parts,
    commit: async () => {
      await parts.finish();
      return options.mode === undefined;
    },
    discard: () => parts.abandon(),
  };
}

/**
 * Through links to what they lead to, which may be absent. The last `noFollowNames` stay as they are: the next step sees
 * what they are.
 */
export async function finalName(
  port: StagingPort,
  path: PathUri,
  { signal, noFollowNames = 0 }: Pick<WriteStreamOptions, "signal" | "noFollowNames">,
): Promise<PathUri> {
  if (noFollowNames > 0) {
    if (port.shell === undefined) return path;
    let above = path;
    for (let left = noFollowNames; left > 0; left -= 1) above = parent(above) ?? above;
    const whole = Buffer.from(toNativeBytes(path));
    const real = Buffer.from(toNativeBytes(await port.fs.canonicalize(above, { signal })));
    return pathUriFromNativeBytes(Buffer.concat([real, SEPARATOR, whole.subarray(toNativeBytes(above).byteLength)]));
  }
  try {
    return await port.fs.canonicalize(path, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const folder = parent(path);
    if (folder === undefined) throw error;
    // Only the folder is told to be where it seems to be: what leads to nothing is replaced.
    const name = Buffer.from(toNativeBytes(path));
    const real = Buffer.from(toNativeBytes(await port.fs.canonicalize(folder, { signal })));
    return pathUriFromNativeBytes(Buffer.concat([real, name.subarray(name.lastIndexOf(SLASH))]));
  }
}

/** Where nothing holds the place, looking is all there is. */
async function refuseLinks(
  { fs }: StagingPort,
  path: PathUri,
  { signal, noFollowNames = 0 }: FillableFileOptions,
): Promise<void> {
  for (const each of ancestors(path).slice(0, noFollowNames)) {
    const found = await fs.metadata(each, { signal }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (found?.isSymlink !== true) continue;
    throw new FileTransferError(
      "not-placed",
      `cannot put the file in place: ${displayPath(each)} is a link, and none is followed here; name what it leads to`,
    );
  }
}

function checkOnePart(parts: readonly FilePart[]): void {
  if (parts.length > 1) throw tooLarge();
}

function tooLarge(): FileTransferError {
  return new FileTransferError(
    "unsupported",
    `files of more than ${FILE_MESSAGE_MAX_BYTES} bytes need an executor of 0.169 or later, or one with sh and no sandbox`,
  );
}
