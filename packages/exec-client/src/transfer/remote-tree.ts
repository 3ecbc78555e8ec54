import { displayPath, type PathUri, toNativeBytes } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import { isStartError } from "../errors/start-error.ts";
import type { Executor } from "../executor.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { copyFailure } from "./copy-failure.ts";
import { refusalOfName } from "./local-name.ts";
import type { Problems } from "./problems.ts";
import { PERMISSION_BITS } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { showPath, type TreeEntry } from "./tree-entry.ts";

/** Type, mode, size, path, and what a link says; only GNU's `find` can tell all of it. */
const LIST = ["find", ".", "-printf", "%y %m %s %P\\0%l\\0"];
const LIST_MAX_BYTES = 256 * 1024 * 1024;
/** What a listing of a million entries takes is some 500 MiB here. */
const ENTRIES_MAX = 1_000_000;
/** Longest path that a system takes. */
export const PATH_MAX_BYTES = 4_096;
/** Of what `find` complains about, more than anybody reads. */
const STDERR_SHOWN_BYTES = 1024 * 1024;
const KINDS: Readonly<Record<string, TreeEntry["kind"]>> = { d: "folder", f: "file", l: "link" };

/**
 * Everything in a folder on the executor, itself first. What can not be read is a problem, and left out.
 *
 * @param maxPathBytes - Longest path from the folder that may be listed; a longer one is a problem, and left out.
 */
export async function listRemoteTree(
  executor: Executor,
  root: PathUri,
  problems: Problems,
  signal: AbortSignal,
  maxPathBytes: number = PATH_MAX_BYTES,
): Promise<TreeEntry[]> {
  const found = await listByFind(executor, root, problems, signal);
  return checkedEntries(found ?? (await listByWalk(executor, root, problems, signal)), maxPathBytes, problems);
}

async function listByFind(
  executor: Executor,
  root: PathUri,
  problems: Problems,
  signal: AbortSignal,
): Promise<TreeEntry[] | undefined> {
  if (executor.environment.pathConvention === "windows") return undefined;
  const options = { cwd: root, env: { LC_ALL: "C" }, encoding: "bytes", maxOutputBytes: LIST_MAX_BYTES } as const;
  const listing = retryAcrossReconnects(() => executor.run(LIST, { ...options, signal }));
  const { stdout, stderr, exitCode, truncated } = await listing.catch((error: unknown) => {
    signal.throwIfAborted();
    if (isStartError(error))
      return { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), exitCode: 127, truncated: false };
    throw isLinkError(error) ? copyFailure(`cannot list remote:${displayPath(root)}`, error) : error;
  });
  if (truncated) throw tooMany();
  if (exitCode !== 0 && stdout.byteLength === 0) return undefined;
  for (const line of Buffer.from(stderr.subarray(0, STDERR_SHOWN_BYTES)).toString().split("\n")) {
    if (line !== "") problems.report(line.replace(/^find: /, "cannot read "));
  }
  return parseListing(Buffer.from(stdout));
}

/** @throws TransferError - It is no such listing. */
export function parseListing(listing: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < listing.byteLength; ) {
    const line = fieldAt(listing, at);
    const target = fieldAt(listing, at + line.byteLength + 1);
    at += line.byteLength + target.byteLength + 2;
    const [, type = "", mode = "", size = ""] = /^(\S) ([0-7]+) (\d+) /.exec(line.toString("latin1")) ?? [];
    if (type === "") throw new TransferError("find on the executor does not answer as GNU's does");
    const path = line.subarray(type.length + mode.length + size.length + 3);
    const kind = KINDS[type] ?? "special";
    if (entries.length === ENTRIES_MAX || !Number.isSafeInteger(Number(size))) throw tooMany();
    const entry = { path, kind, mode: Number.parseInt(mode, 8) & PERMISSION_BITS, size: Number(size) };
    entries.push(kind === "link" ? { ...entry, target } : entry);
  }
  return entries;
}

/** The listing is another machine's word: it must not lead out of the folder, and each place is listed once. */
function checkedEntries(entries: readonly TreeEntry[], maxPathBytes: number, problems: Problems): TreeEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ path, kind }) => {
    if (path.byteLength > maxPathBytes) {
      problems.report(`a path of more than ${maxPathBytes} bytes is left out: ${showPath(path.subarray(0, 100))}…`);
      return false;
    }
    const key = path.toString("latin1");
    if (seen.has(key)) throw new TransferError(`the executor lists one path twice: ${showPath(path)}`);
    seen.add(key);
    if (path.byteLength === 0 && kind === "folder") return true;
    for (const name of key.split("/")) {
      const refusal = refusalOfName(Buffer.from(name, "latin1"));
      if (refusal !== undefined) throw new TransferError(`the executor lists a path that is none: ${showPath(path)}`);
    }
    return true;
  });
}

function tooMany(): TransferError {
  return new TransferError("the folder has too many files to be listed at once; copy its folders one by one");
}

function fieldAt(listing: Buffer, at: number): Buffer {
  const end = listing.indexOf(0, at);
  if (end === -1) throw new TransferError("find on the executor ended in the middle of its listing");
  return listing.subarray(at, end);
}

async function listByWalk(
  executor: Executor,
  root: PathUri,
  problems: Problems,
  signal: AbortSignal,
): Promise<TreeEntry[]> {
  try {
    const { entries, errors, truncated } = await executor.fs.walk(root, { signal });
    problems.warn("there is no GNU find: permission bits and links are not known, links are left out");
    if (truncated) problems.report("the folder has more files than the executor lists; copy its folders one by one");
    for (const { path, message } of errors) problems.report(`cannot read ${path}: ${message}`);
    const start = toNativeBytes(root).byteLength + 1;
    return [
      { path: Buffer.alloc(0), kind: "folder", mode: undefined, size: 0 },
      ...entries.map(({ path, kind }) => ({
        path: Buffer.from(toNativeBytes(path).subarray(start)),
        kind: kind === "file" ? kind : ("folder" as const),
        mode: undefined,
        size: 0,
      })),
    ];
  } catch (error) {
    throw copyFailure("cannot list the folder, which takes GNU find or an executor of 0.144 or later", error);
  }
}
