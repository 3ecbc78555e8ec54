import {
  Base64Bytes,
  base64Problem,
  decodeBase64,
  type EmptyResult,
  type FsCanonicalizeParams,
  type FsCanonicalizeResult,
  type FsCopyParams,
  type FsCreateDirectoryParams,
  type FsGetMetadataParams,
  type FsGetMetadataResult,
  type FsReadDirectoryParams,
  type FsReadDirectoryResult,
  type FsReadFileParams,
  type FsReadFileResult,
  type FsRemoveParams,
  type FsWriteFileParams,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import {
  canonicalize,
  copy,
  createDirectory,
  getMetadata,
  type ProtectedPaths,
  readDirectory,
  readFile,
  remove,
  writeFile,
} from "../filesystem/index.ts";
import type { CallContext } from "./context.ts";
import { asWireFaults, invalidRequest } from "./faults.ts";
import { nativePath, uriOf } from "./paths.ts";
import { refuseConfinedFiles } from "./sandbox.ts";

export interface FilesystemHandlerOptions {
  /** What `fs/remove` never takes away. */
  readonly protectedPaths: ProtectedPaths;
}

/** Empty answer of every change. */
const DONE = {};

/** Look at files: side by side with other looks, after the changes asked for before. */
function observe<T>(context: CallContext, operation: () => Promise<T>): Promise<T> {
  return asWireFaults(context.connection.files.observe(operation));
}

/** Change files: after everything asked for before. */
function change(context: CallContext, operation: () => Promise<unknown>): Promise<EmptyResult> {
  return asWireFaults(context.connection.files.change(operation)).then(() => DONE);
}

function links(followSymlinks: boolean | null | undefined): { readonly followSymlinks: boolean } {
  return { followSymlinks: followSymlinks ?? true };
}

function read(params: FsReadFileParams, context: CallContext): Promise<Sendable<FsReadFileResult>> {
  refuseConfinedFiles(params.sandbox);
  const path = nativePath(params.path);
  return observe(context, async () => {
    const data = await readFile(path, links(params.followSymlinks));
    return { dataBase64: new Base64Bytes(data) };
  });
}

function write(params: FsWriteFileParams, context: CallContext): Promise<EmptyResult> {
  refuseConfinedFiles(params.sandbox);
  const path = nativePath(params.path);
  const data = decodeBase64(params.dataBase64);
  if (data === undefined) {
    throw invalidRequest(`fs/writeFile requires valid base64 dataBase64: ${base64Problem(params.dataBase64)}`);
  }
  return change(context, () => writeFile(path, data, links(params.followSymlinks)));
}

function makeDirectory(params: FsCreateDirectoryParams, context: CallContext): Promise<EmptyResult> {
  refuseConfinedFiles(params.sandbox);
  const path = nativePath(params.path);
  return change(context, () =>
    createDirectory(path, { recursive: params.recursive ?? true, ...links(params.followSymlinks) }),
  );
}

function metadata(params: FsGetMetadataParams, context: CallContext): Promise<FsGetMetadataResult> {
  refuseConfinedFiles(params.sandbox);
  const path = nativePath(params.path);
  return observe(context, () => getMetadata(path, links(params.followSymlinks)));
}

function resolve(params: FsCanonicalizeParams, context: CallContext): Promise<FsCanonicalizeResult> {
  refuseConfinedFiles(params.sandbox);
  const path = nativePath(params.path);
  return observe(context, async () => ({ path: uriOf(await canonicalize(path)) }));
}

function list(params: FsReadDirectoryParams, context: CallContext): Promise<FsReadDirectoryResult> {
  refuseConfinedFiles(params.sandbox);
  const path = nativePath(params.path);
  return observe(context, async () => {
    const entries = await readDirectory(path);
    // The wire has names as text only; `fs/walk` answers with URIs, which can carry any bytes.
    return {
      entries: entries.map(({ name, isDirectory, isFile }) => ({
        fileName: name.toString("utf8"),
        isDirectory,
        isFile,
      })),
    };
  });
}

function copyTree(params: FsCopyParams, context: CallContext): Promise<EmptyResult> {
  refuseConfinedFiles(params.sandbox);
  const [source, destination] = [nativePath(params.sourcePath), nativePath(params.destinationPath)];
  return change(context, () => copy(source, destination, { recursive: params.recursive, signal: context.signal }));
}

function removeTree(
  params: FsRemoveParams,
  context: CallContext,
  protectedPaths: ProtectedPaths,
): Promise<EmptyResult> {
  refuseConfinedFiles(params.sandbox);
  const path = nativePath(params.path);
  const { recursive, force, followSymlinks } = params;
  return change(context, () =>
    remove(path, { recursive: recursive ?? true, force: force ?? true, ...links(followSymlinks) }, protectedPaths),
  );
}

/** `fs/*` on whole files and trees: wire values to the file domain and back. */
export function filesystemHandlers({ protectedPaths }: FilesystemHandlerOptions) {
  return {
    "fs/readFile": read,
    "fs/writeFile": write,
    "fs/createDirectory": makeDirectory,
    "fs/getMetadata": metadata,
    "fs/canonicalize": resolve,
    "fs/readDirectory": list,
    "fs/copy": copyTree,
    "fs/remove": (params: FsRemoveParams, context: CallContext) => removeTree(params, context, protectedPaths),
  };
}
