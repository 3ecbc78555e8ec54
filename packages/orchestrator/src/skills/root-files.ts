import type { Executor, Sandbox } from "@holdfast/exec-client";
import { isFileError, isLinkError, isNotFound, isUnsupported } from "@holdfast/exec-client";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import {
  CAPABILITY_FILE_MAX_BYTES,
  DISCOVERY_TIMEOUT_MS,
  ROOT_MAX_DEPTH,
  ROOT_MAX_ENTRIES,
  ROOT_MAX_FOLDERS,
} from "./limits.ts";

/** Where is looked, and with whose rights. */
export interface DiscoveryPlace {
  readonly executor: Pick<Executor, "fs">;
  readonly sandbox?: Sandbox | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What lies below a root. */
export interface RootFiles {
  /** In the order of the walk: folder by folder from the root on, by their names. */
  readonly files: readonly PathUri[];
  /** What could not be looked at. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  /** There is more than is looked at. */
  readonly isTruncated: boolean;
}

/** A file that says something of a skill or a plugin. */
export interface CapabilityFile {
  readonly path: PathUri;
  readonly contents: string;
}

/** Why a file says nothing. */
export interface UnreadFile {
  readonly path: PathUri;
  readonly reason: string;
}

export function callOptions({ sandbox, signal }: DiscoveryPlace) {
  return { sandbox, signal, timeoutMs: DISCOVERY_TIMEOUT_MS };
}

/**
 * All files below a root, by one call: links to folders are entered, each folder once.
 *
 * @returns undefined where there is no such folder.
 * @throws FileError, UnsupportedError (executors before 0.144), LinkError.
 */
export async function rootFiles(
  place: DiscoveryPlace,
  root: PathUri,
  { hidden }: { readonly hidden: boolean },
): Promise<RootFiles | undefined> {
  try {
    const { entries, errors, truncated } = await place.executor.fs.walk(root, {
      ...callOptions(place),
      maxDepth: ROOT_MAX_DEPTH,
      maxDirectories: ROOT_MAX_FOLDERS,
      maxEntries: ROOT_MAX_ENTRIES,
      followDirectorySymlinks: true,
      pruneHiddenDirectories: !hidden,
    });
    // Some executors list what is no folder as one with nothing in it.
    if (entries.length === 0 && !(await place.executor.fs.metadata(root, callOptions(place))).isDirectory)
      return undefined;
    return {
      files: entries.flatMap(({ path, kind }) => (kind === "file" ? [path] : [])),
      problems: errors.map(({ path, message }) => ({ path: displayPath(path), message })),
      isTruncated: truncated,
    };
  } catch (error) {
    if (isNotFound(error) || (isFileError(error) && error.code === "ENOTDIR")) return undefined;
    throw error;
  }
}

/** @throws LinkError */
export async function readCapabilityFile(place: DiscoveryPlace, path: PathUri): Promise<CapabilityFile | UnreadFile> {
  try {
    const { size } = await place.executor.fs.metadata(path, callOptions(place));
    if (size > CAPABILITY_FILE_MAX_BYTES) return tooLarge(path);
    const bytes = await place.executor.fs.readFile(path, callOptions(place));
    if (bytes.byteLength > CAPABILITY_FILE_MAX_BYTES) return tooLarge(path);
    return { path, contents: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    if (isLinkError(error)) throw error;
    if (error instanceof TypeError) return { path, reason: "it is not UTF-8 text" };
    if (isFileError(error) || isUnsupported(error)) return { path, reason: error.message };
    throw error;
  }
}

function tooLarge(path: PathUri): UnreadFile {
  return { path, reason: `it exceeds the ${CAPABILITY_FILE_MAX_BYTES}-byte limit` };
}
