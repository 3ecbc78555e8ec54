import { type FileStats, isFileError, isUnsupported } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import { basename, displayPath, join, parent } from "@holdfast/path-uri";
import { LOOK_TIMEOUT_MS, PATCHED_FILE_MAX_BYTES } from "./limits.ts";
import { callOptions, changesEntries, isNothingThere, type PatchPlace } from "./patch-call.ts";
import { PatchError } from "./patch-error.ts";

/** As many links in a row as Linux follows. */
const LINKS_MAX = 40;

/** What is at a path before a patch is applied. */
export interface FoundFile {
  readonly kind: "file" | "directory" | "other" | "absent";
  /** The path with links resolved up to its last name. */
  readonly name: PathUri;
  /** The same with the last one resolved as well: equal to `name` where that is no link. */
  readonly target: PathUri;
  /** Of a file. */
  readonly size: number;
  readonly modifiedAtMs: number;
  /** Permission bits of a file, where they were asked for, or are cheap to know. */
  readonly mode: number | undefined;
  /** What names of the same file have in common, where it is cheap to know. */
  readonly identity: string | undefined;
}

/**
 * Look at a path. Nothing is read.
 *
 * @throws FileError, LinkError - Nobody may look, or nobody can.
 */
export async function findFile(
  place: PatchPlace,
  path: PathUri,
  { signal, wantsMode }: { readonly signal: AbortSignal | undefined; readonly wantsMode: boolean },
): Promise<FoundFile> {
  const options = callOptions(place, LOOK_TIMEOUT_MS, signal);
  const [metadata, target, stats] = await Promise.all([
    orNothing(place.fs.metadata(path, options)),
    orNothing(place.fs.canonicalize(path, options)),
    changesEntries(place) || wantsMode ? statsOf(place, path, signal) : undefined,
  ]);
  if (metadata === undefined || target === undefined) return await absent(place, path, signal);
  const { isFile, isDirectory, isSymlink, size, modifiedAtMs } = metadata;
  return {
    kind: isFile ? "file" : isDirectory ? "directory" : "other",
    name: isSymlink ? await nameOf(place, path, signal) : target,
    target,
    size,
    modifiedAtMs,
    mode: stats?.mode,
    identity: stats === undefined ? undefined : `${stats.device}:${stats.inode}`,
  };
}

/** Undefined also where commands would have to do it, and can not. */
async function statsOf(
  place: PatchPlace,
  path: PathUri,
  signal: AbortSignal | undefined,
): Promise<FileStats | undefined> {
  try {
    return await place.fs.stat(path, callOptions(place, LOOK_TIMEOUT_MS, signal));
  } catch (error) {
    if (isNothingThere(error) || isUnsupported(error)) return undefined;
    if (isFileError(error) && !changesEntries(place)) return undefined;
    throw error;
  }
}

async function absent(place: PatchPlace, path: PathUri, signal: AbortSignal | undefined): Promise<FoundFile> {
  const name = await nameOf(place, path, signal);
  const target = await endOfLinks(place, name, signal);
  return { kind: "absent", name, target, size: 0, modifiedAtMs: 0, mode: undefined, identity: undefined };
}

/** Its folder with links resolved, as far as it exists, and the rest as it is. */
async function nameOf(place: PatchPlace, path: PathUri, signal: AbortSignal | undefined): Promise<PathUri> {
  const options = callOptions(place, LOOK_TIMEOUT_MS, signal);
  const names: string[] = [];
  for (let folder = path; ; ) {
    const name = basename(folder);
    const above = parent(folder);
    if (name === undefined || above === undefined) return path;
    names.unshift(name);
    folder = above;
    const real = await orNothing(place.fs.canonicalize(folder, options));
    if (real !== undefined) return names.reduce<PathUri>((at, each) => join(at, each), real);
  }
}

/** What a link leads to that leads nowhere yet: writing through it makes that. */
async function endOfLinks(place: PatchPlace, name: PathUri, signal: AbortSignal | undefined): Promise<PathUri> {
  if (!changesEntries(place)) return name;
  const options = callOptions(place, LOOK_TIMEOUT_MS, signal);
  let end = name;
  for (let links = 0; links < LINKS_MAX; links += 1) {
    const stats = await orNothing(place.fs.lstat(end, options));
    if (stats?.linkTarget === undefined) return end;
    const folder = parent(end) ?? end;
    end = await nameOf(place, join(folder, stats.linkTarget), signal);
  }
  throw new PatchError("file", `Failed to write file ${displayPath(name)}: too many links in a row`, {
    path: displayPath(name),
  });
}

/** @throws PatchError `too-large`. @throws FileError, LinkError - It can not be read. */
export async function readFound(
  place: PatchPlace,
  found: FoundFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (found.size > PATCHED_FILE_MAX_BYTES) throw tooLarge(found);
  const bytes = await place.fs.readFile(found.target, callOptions(place, LOOK_TIMEOUT_MS, signal));
  if (bytes.byteLength > PATCHED_FILE_MAX_BYTES) throw tooLarge(found);
  return bytes;
}

function tooLarge({ target, size }: FoundFile): PatchError {
  const path = displayPath(target);
  const message = `${path} has ${size} bytes; files of more than ${PATCHED_FILE_MAX_BYTES} bytes are not patched`;
  return new PatchError("too-large", message, { path });
}

async function orNothing<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNothingThere(error)) return undefined;
    throw error;
  }
}
