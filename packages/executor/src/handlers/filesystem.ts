import {
  Base64Bytes,
  base64Problem,
  bytesOfBase64,
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
  type Received,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import { freeMemory } from "@holdfast/protocol-kit";
import type { ProtectedPaths } from "../filesystem/index.ts";
import { asBuffer } from "../platform/as-buffer.ts";
import type { CallContext } from "../session/call-context.ts";
import { invalidRequest } from "./faults.ts";
import { change, observe } from "./file-turns.ts";
import { nativePath, uriOf } from "./paths.ts";

export interface FilesystemHandlerOptions {
  /** What `fs/remove` never takes away. */
  readonly protectedPaths: ProtectedPaths;
}

function links(followSymlinks: boolean | null | undefined): { readonly followSymlinks: boolean } {
  return { followSymlinks: followSymlinks ?? true };
}

function read(params: Received<FsReadFileParams>, context: CallContext): Promise<Sendable<FsReadFileResult>> {
  const path = nativePath(params.path);
  return observe(params, context, async (files) => {
    const data = await files.readFile(path, links(params.followSymlinks));
    return { dataBase64: Base64Bytes.kept(data) };
  });
}

function write(params: Received<FsWriteFileParams>, context: CallContext): Promise<EmptyResult> {
  const path = nativePath(params.path);
  const data = bytesOfBase64(params.dataBase64);
  if (data === undefined) {
    throw invalidRequest(`fs/writeFile requires valid base64 dataBase64: ${base64Problem(String(params.dataBase64))}`);
  }
  return change(params, context, async (files) => {
    await files.writeFile(path, asBuffer(data), links(params.followSymlinks));
    freeMemory(data);
  });
}

function makeDirectory(params: Received<FsCreateDirectoryParams>, context: CallContext): Promise<EmptyResult> {
  const path = nativePath(params.path);
  return change(params, context, (files) =>
    files.createDirectory(path, { recursive: params.recursive ?? true, ...links(params.followSymlinks) }),
  );
}

function metadata(params: Received<FsGetMetadataParams>, context: CallContext): Promise<FsGetMetadataResult> {
  const path = nativePath(params.path);
  return observe(params, context, (files) => files.getMetadata(path, links(params.followSymlinks)));
}

function resolve(params: Received<FsCanonicalizeParams>, context: CallContext): Promise<FsCanonicalizeResult> {
  const path = nativePath(params.path);
  return observe(params, context, async (files) => ({ path: uriOf(await files.canonicalize(path)) }));
}

function list(params: Received<FsReadDirectoryParams>, context: CallContext): Promise<FsReadDirectoryResult> {
  const path = nativePath(params.path);
  return observe(params, context, async (files) => {
    const entries = await files.readDirectory(path, { danglingLinks: params.holdfastDanglingLinks ?? false });
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

function copyTree(params: Received<FsCopyParams>, context: CallContext): Promise<EmptyResult> {
  const [source, destination] = [
    nativePath(params.sourcePath, "sourcePath"),
    nativePath(params.destinationPath, "destinationPath"),
  ];
  return change(params, context, (files) =>
    files.copy(source, destination, { recursive: params.recursive, signal: context.signal }),
  );
}

function removeTree(
  params: Received<FsRemoveParams>,
  context: CallContext,
  protectedPaths: ProtectedPaths,
): Promise<EmptyResult> {
  const path = nativePath(params.path);
  const { recursive, force, followSymlinks } = params;
  return change(params, context, (files) =>
    files.remove(
      path,
      { recursive: recursive ?? true, force: force ?? true, ...links(followSymlinks) },
      protectedPaths,
    ),
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
    "fs/remove": (params: Received<FsRemoveParams>, context: CallContext) =>
      removeTree(params, context, protectedPaths),
  };
}
