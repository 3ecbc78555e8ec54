import {
  Base64Bytes,
  type EmptyResult,
  FILE_BLOCK_MAX_BYTES,
  type HoldfastAppendFileParams,
  type HoldfastMakeLinkParams,
  type HoldfastMakeTemporaryFolderParams,
  type HoldfastMakeTemporaryFolderResult,
  type HoldfastReadLinkParams,
  type HoldfastReadLinkResult,
  type HoldfastRenameParams,
  type HoldfastSetAttributesParams,
  type HoldfastStatEntryParams,
  type HoldfastStatEntryResult,
  type HoldfastWriteFileParams,
  type Received,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import type { ProtectedPaths } from "../filesystem/index.ts";
import { asBuffer } from "../platform/as-buffer.ts";
import type { CallContext } from "../session/call-context.ts";
import { invalidRequest } from "./faults.ts";
import { change, observe, toldChange } from "./file-turns.ts";
import { nativePath, uriOf } from "./paths.ts";

function statEntry(
  params: Received<HoldfastStatEntryParams>,
  context: CallContext,
): Promise<Sendable<HoldfastStatEntryResult>> {
  const path = nativePath(params.path);
  return observe(params, context, async (files) => {
    const { link, ...stats } = await files.statEntry(path, { followSymlinks: params.followSymlinks ?? false });
    if (link === undefined) return stats;
    return { ...stats, targetBase64: new Base64Bytes(link.target), targetKind: link.targetKind ?? null };
  });
}

function readLink(
  params: Received<HoldfastReadLinkParams>,
  context: CallContext,
): Promise<Sendable<HoldfastReadLinkResult>> {
  const path = nativePath(params.path);
  return observe(params, context, async (files) => ({ targetBase64: new Base64Bytes(await files.readLink(path)) }));
}

function makeLink(params: Received<HoldfastMakeLinkParams>, context: CallContext): Promise<EmptyResult> {
  const path = nativePath(params.path);
  const { existingPath, targetBase64: target } = params;
  const isSymbolic = target !== undefined && target !== null;
  const isHard = existingPath !== undefined && existingPath !== null;
  if (isSymbolic && !isHard) return change(params, context, (files) => files.makeSymbolicLink(path, asBuffer(target)));
  if (!isHard || isSymbolic)
    throw invalidRequest("a link needs one of `targetBase64` and `existingPath`, and only one");
  const existing = nativePath(existingPath, "existingPath");
  return change(params, context, (files) => files.makeHardLink(path, existing));
}

function rename(
  params: Received<HoldfastRenameParams>,
  context: CallContext,
  protectedPaths: ProtectedPaths,
): Promise<EmptyResult> {
  const source = nativePath(params.sourcePath, "sourcePath");
  const destination = nativePath(params.destinationPath, "destinationPath");
  const noReplace = params.noReplace ?? false;
  return change(params, context, (files) => files.rename(source, destination, protectedPaths, { noReplace }));
}

function setAttributes(params: Received<HoldfastSetAttributesParams>, context: CallContext): Promise<EmptyResult> {
  const path = nativePath(params.path);
  const attributes = {
    mode: params.mode ?? undefined,
    uid: params.uid ?? undefined,
    gid: params.gid ?? undefined,
    size: params.size ?? undefined,
    accessedAtMs: params.accessedAtMs ?? undefined,
    modifiedAtMs: params.modifiedAtMs ?? undefined,
  };
  const links = { followSymlinks: params.followSymlinks ?? true };
  return change(params, context, (files) => files.setAttributes(path, attributes, links));
}

function appendFile(params: Received<HoldfastAppendFileParams>, context: CallContext): Promise<EmptyResult> {
  const path = nativePath(params.path);
  const { chunk } = params;
  if (chunk.byteLength > FILE_BLOCK_MAX_BYTES) {
    throw invalidRequest(`at most ${FILE_BLOCK_MAX_BYTES} bytes are added at a time, these are ${chunk.byteLength}`);
  }
  return change(params, context, (files) => files.appendFile(path, asBuffer(chunk)));
}

function writeFile(params: Received<HoldfastWriteFileParams>, context: CallContext): Promise<EmptyResult> {
  const path = nativePath(params.path);
  const { mode, exclusive, followSymlinks, chunk } = params;
  const options = {
    mode: mode ?? undefined,
    exclusive: exclusive ?? false,
    followSymlinks: followSymlinks ?? true,
  };
  return change(params, context, (files) => files.writeNew(path, asBuffer(chunk), options));
}

function makeTemporaryFolder(
  params: Received<HoldfastMakeTemporaryFolderParams>,
  context: CallContext,
): Promise<HoldfastMakeTemporaryFolderResult> {
  const folder = nativePath(params.folder, "folder");
  return toldChange(params, context, async (files) => ({
    path: uriOf(await files.makeTemporaryFolder(folder, params.prefix)),
  }));
}

/** What the extension can do to files beside `fs/*`. */
export function fileExtensionHandlers({ protectedPaths }: { readonly protectedPaths: ProtectedPaths }) {
  return {
    "holdfast/statEntry": statEntry,
    "holdfast/readLink": readLink,
    "holdfast/makeLink": makeLink,
    "holdfast/rename": (params: Received<HoldfastRenameParams>, context: CallContext) =>
      rename(params, context, protectedPaths),
    "holdfast/setAttributes": setAttributes,
    "holdfast/appendFile": appendFile,
    "holdfast/writeFile": writeFile,
    "holdfast/makeTemporaryFolder": makeTemporaryFolder,
  };
}
