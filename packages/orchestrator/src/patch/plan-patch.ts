import { isFileError } from "@holdfast/exec-client";
import { displayPath, join, type PathUri, startsWith } from "@holdfast/path-uri";
import { forEachAtOnce } from "../for-each-at-once.ts";
import { editText } from "./edit-text.ts";
import type { ComparedLines } from "./find-lines.ts";
import { type FoundFile, findFile, readFound } from "./found-file.ts";
import { CALLS_AT_ONCE, PATCHED_FILE_MAX_BYTES, PATCHED_FILES_MAX, PATCHED_FILES_MAX_BYTES } from "./limits.ts";
import type { Patch, PatchHunk, UpdateHunk } from "./patch.ts";
import { changesEntries, type PatchPlace, reasonOf } from "./patch-call.ts";
import { PatchError } from "./patch-error.ts";
import { followed, kindOf, type Node, PatchedTree, remove, write } from "./patched-tree.ts";

/** A file that gets a content. */
export interface PlannedWrite {
  readonly path: PathUri;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it has; undefined: it is new. */
  readonly before: Uint8Array<ArrayBuffer> | undefined;
  /** Permission bits of a new file; undefined: those of new files. */
  readonly mode: number | undefined;
}

/** A name that goes. */
export interface PlannedRemoval {
  readonly path: PathUri;
  readonly found: FoundFile;
  /** What the file has; undefined: a link, or not read. */
  readonly before: Uint8Array<ArrayBuffer> | undefined;
  readonly isLink: boolean;
}

/** What has to happen, worked out of what is there. */
export interface PatchPlan {
  readonly writes: readonly PlannedWrite[];
  readonly removals: readonly PlannedRemoval[];
}

interface Seen {
  readonly uri: PathUri;
  readonly found: FoundFile | undefined;
  readonly before: Uint8Array<ArrayBuffer> | undefined;
  /** Why it could not be looked at. */
  readonly problem: unknown;
}

type Use = "read" | "replace" | "remove" | "move";

export interface PlanOptions {
  readonly cwd: PathUri;
  /** With its links resolved. Undefined: paths may lead anywhere. */
  readonly root: PathUri | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Go through a patch in memory. Nothing is changed.
 *
 * @throws PatchError - It does not fit what is there. @throws LinkError - Nobody can look.
 */
export async function planPatch(place: PatchPlace, patch: Patch, options: PlanOptions): Promise<PatchPlan> {
  const seen = await look(place, patch, options);
  const walk = new PatchWalk(seen, options);
  for (const hunk of patch.hunks) walk.step(hunk);
  return walk.plan();
}

/** Everything that the patch names, each once. */
async function look(place: PatchPlace, patch: Patch, { cwd, signal }: PlanOptions): Promise<Map<string, Seen>> {
  const uses = new Map<string, Set<Use>>();
  const use = (path: string, how: Use): void => {
    uses.set(path, (uses.get(path) ?? new Set()).add(how));
  };
  for (const hunk of patch.hunks) {
    use(hunk.path, hunk.kind === "update" ? "read" : hunk.kind === "add" ? "replace" : "remove");
    if (hunk.kind === "update" && hunk.moveTo !== undefined) {
      use(hunk.moveTo, "replace");
      use(hunk.path, "remove");
      use(hunk.path, "move");
    }
  }
  if (uses.size > PATCHED_FILES_MAX) {
    throw new PatchError(
      "too-large",
      `Invalid patch: it names ${uses.size} files, more than ${PATCHED_FILES_MAX}; split it`,
    );
  }
  const seen = new Map<string, Seen>();
  let total = 0;
  await forEachAtOnce([...uses], CALLS_AT_ONCE, async ([path, how]) => {
    const uri = uriOf(cwd, path);
    try {
      const found = await findFile(place, uri, { signal, wantsMode: how.has("move") });
      const before = isRead(place, found, how) ? await readFound(place, found, signal) : undefined;
      total += before?.byteLength ?? 0;
      if (total > PATCHED_FILES_MAX_BYTES) {
        const limit = `the files of a patch may have ${PATCHED_FILES_MAX_BYTES} bytes together; split it`;
        throw new PatchError("too-large", `Invalid patch: ${limit}`);
      }
      seen.set(path, { uri, found, before, problem: undefined });
    } catch (problem) {
      if (!isFileError(problem)) throw problem;
      seen.set(path, { uri, found: undefined, before: undefined, problem });
    }
  });
  return seen;
}

/** What is only removed is read where it could not be put back otherwise, and is not too long for that. */
function isRead(place: PatchPlace, found: FoundFile, how: ReadonlySet<Use>): boolean {
  if (found.kind !== "file") return false;
  if (how.has("read") || how.has("replace")) return true;
  return !changesEntries(place) && found.name === found.target && found.size <= PATCHED_FILE_MAX_BYTES;
}

function uriOf(cwd: PathUri, path: string): PathUri {
  try {
    return join(cwd, path);
  } catch (cause) {
    throw new PatchError("file", `'${path}' is no path of that system`, { path, cause });
  }
}

/** Goes through the steps of a patch. */
class PatchWalk {
  readonly #seen: ReadonlyMap<string, Seen>;
  readonly #root: PathUri | undefined;
  readonly #tree = new PatchedTree();
  readonly #nodes = new Map<string, Node>();
  readonly #compared: ComparedLines = { count: 0 };

  constructor(seen: ReadonlyMap<string, Seen>, { root }: PlanOptions) {
    this.#seen = seen;
    this.#root = root;
    for (const [path, { found, before }] of seen) {
      if (found !== undefined) this.#nodes.set(path, this.#tree.add(found, before));
    }
  }

  step(hunk: PatchHunk): void {
    if (hunk.kind === "add") this.#write(hunk.path, encoded(hunk.content), undefined);
    else if (hunk.kind === "delete") this.#delete(hunk.path);
    else this.#update(hunk);
  }

  #delete(path: string): void {
    const failed = `Failed to delete file ${this.#shown(path)}`;
    const node = this.#node(path, failed);
    const kind = kindOf(followed(node));
    if (!node.isThere || kind === "absent") throw this.#problem(path, `${failed}: no such file`);
    if (kind === "directory") throw this.#problem(path, `${failed}: it is a folder`);
    remove(node);
  }

  #update({ path, moveTo, chunks }: UpdateHunk): void {
    const failed = `Failed to read file to update ${this.#shown(path)}`;
    const named = this.#node(path, failed);
    const node = followed(named);
    const kind = kindOf(node);
    if (kind === "absent") throw this.#problem(path, `${failed}: No such file or directory`);
    const bytes = node.content?.after ?? node.content?.before;
    if (kind !== "file" || bytes === undefined) throw this.#problem(path, `${failed}: it is no regular file`);
    const text = decoded(bytes);
    if (text === undefined) throw this.#problem(path, `${failed}: it is not UTF-8 text`);
    const edited = encoded(editText(text, chunks, { path: this.#shown(path), compared: this.#compared }));
    if (moveTo === undefined) {
      write(node, edited);
      return;
    }
    const isSame = this.#write(moveTo, edited, node.mode ?? node.found.mode, node);
    // Another program would have lost the file here.
    if (!isSame) remove(named);
  }

  /** @returns whether it is `self` that was written to. */
  #write(path: string, bytes: Uint8Array<ArrayBuffer>, mode: number | undefined, self?: Node): boolean {
    const failed = `Failed to write file ${this.#shown(path)}`;
    const node = followed(this.#node(path, failed));
    const kind = kindOf(node);
    if (kind === "directory") throw this.#problem(path, `${failed}: it is a folder`);
    if (kind === "other") throw this.#problem(path, `${failed}: it is no regular file`);
    write(node, bytes, mode);
    return node === self;
  }

  #node(path: string, failed: string): Node {
    const seen = this.#seen.get(path);
    const node = this.#nodes.get(path);
    if (node === undefined) {
      const reason = reasonOf(seen?.problem);
      throw new PatchError("file", `${failed}: ${reason}`, { path: this.#shown(path), cause: seen?.problem });
    }
    const root = this.#root;
    if (root !== undefined && ![node, followed(node)].every((each) => startsWith(each.path, root))) {
      const reason = `it leads out of ${displayPath(root)}, to ${displayPath(followed(node).path)}`;
      throw new PatchError("outside", `${failed}: ${reason}`, { path: this.#shown(path) });
    }
    return node;
  }

  #problem(path: string, message: string): PatchError {
    return new PatchError("file", message, { path: this.#shown(path) });
  }

  #shown(path: string): string {
    const uri = this.#seen.get(path)?.uri;
    return uri === undefined ? path : displayPath(uri);
  }

  plan(): PatchPlan {
    const writes: PlannedWrite[] = [];
    const removals: PlannedRemoval[] = [];
    const written = new Set<unknown>();
    for (const { path, found, leadsTo, isThere, isDeleted, content, mode } of this.#tree.nodes) {
      const isLink = leadsTo !== undefined;
      if (isDeleted) {
        const before = isLink ? undefined : this.#before(path);
        removals.push({ path, found, before, isLink });
      }
      if (!isThere || content?.after === undefined || written.has(content)) continue;
      written.add(content);
      const { before, after } = content;
      if (before === undefined || !isSame(before, after)) writes.push({ path, bytes: after, before, mode });
    }
    return { writes, removals };
  }

  #before(path: PathUri): Uint8Array<ArrayBuffer> | undefined {
    for (const { found, before } of this.#seen.values()) if (found?.target === path && before) return before;
    return undefined;
  }
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
