import type { Executor, RemotePath, Sandbox } from "@holdfast/exec-client";
import { isLinkError, sandboxContextOf } from "@holdfast/exec-client";
import { displayPath, join, type PathUri, parsePathUri } from "@holdfast/path-uri";
import { LOOK_TIMEOUT_MS } from "./limits.ts";
import { parsePatch } from "./parse-patch.ts";
import type { Patch, PatchHunk } from "./patch.ts";
import { callOptions, type PatchPlace, reasonOf } from "./patch-call.ts";
import { PatchCommit } from "./patch-commit.ts";
import { PatchError, type PatchRemains } from "./patch-error.ts";
import { planPatch } from "./plan-patch.ts";

export interface ApplyPatchOptions {
  /** What relative paths of the patch begin at: absolute on the executor, or a `file:` URI. Default: the executor's working folder. */
  readonly cwd?: RemotePath | undefined;
  /** How reading and writing is confined; relative paths in it, and the workspace, start at `cwd`. It is what keeps a patch from going through links out of a folder. Default: not at all. */
  readonly sandbox?: Sandbox | null | undefined;
  /**
   * Refuse paths that lead out of this folder, links resolved, as they are when the patch is read. Against links that somebody puts there
   * meanwhile only a `sandbox` helps. Default: paths may lead anywhere.
   */
  readonly root?: RemotePath | undefined;
  /** Only find out whether it would apply. Nothing is written. Default false. */
  readonly check?: boolean | undefined;
  /** Gives up, with nothing changed, until the first file is written. From then on it is finished, or undone. */
  readonly signal?: AbortSignal | undefined;
}

/** One file that a patch is about. */
export interface PatchChange {
  readonly kind: "add" | "modify" | "delete" | "move";
  /** As the patch has it; of a move, where the file is now. */
  readonly path: string;
  /** Of a move: where it was. */
  readonly from: string | undefined;
  readonly addedLines: number;
  /** Of an update. What a deleted or replaced file had is not counted. */
  readonly removedLines: number;
}

export interface AppliedPatch {
  /** In the order of the patch. */
  readonly changes: readonly PatchChange[];
  /** What is told of it: `Success. Updated the following files:`, and a line `A`, `M` or `D` for each. */
  readonly summary: string;
  /** False after `check`. */
  readonly isApplied: boolean;
  /** Temporary files that could not be removed. As a rule none. */
  readonly remains: readonly PatchRemains[];
}

/**
 * Apply a patch to the files of an executor: all of it or nothing.
 *
 * What it needs is read and worked out in memory, then put in place: see the README for what is kept (modes, owners, hard links, line ends) and
 * what is noticed (files that change meanwhile, a full disk, a lost connection). Links are written through; deleting one takes the link.
 *
 * @param text - A patch, or what `parsePatch` made of one.
 * @throws PatchError - It was not applied; `remains` tells what could not be undone, as a rule nothing.
 * @throws LinkError - The connection was lost for good before anything was changed. The reason of `signal`, once it is aborted.
 */
export async function applyPatch(
  executor: Pick<Executor, "fs" | "environment">,
  text: string | Patch,
  options: ApplyPatchOptions = {},
): Promise<AppliedPatch> {
  const { signal, check = false, sandbox } = options;
  signal?.throwIfAborted();
  const patch = typeof text === "string" ? parsePatch(text) : text;
  const { fs, environment } = executor;
  const cwd = cwdOf(environment, options.cwd);
  const place: PatchPlace = { fs, environment, sandbox: sandboxContextOf(sandbox, cwd, environment) };
  try {
    const root = options.root === undefined ? undefined : await rootOf(place, cwd, options);
    const plan = await planPatch(place, patch, { cwd, root, signal });
    const changes = patch.hunks.map(changeOf);
    if (check) return { changes, summary: summaryOf(changes, WOULD), isApplied: false, remains: [] };
    const remains = await new PatchCommit(place, plan, signal).run();
    return { changes, summary: summaryOf(changes, DID), isApplied: true, remains };
  } catch (error) {
    if (signal?.aborted && (error === signal.reason || isLinkError(error))) throw signal.reason;
    throw error;
  }
}

const DID = "Success. Updated the following files:";
const WOULD = "The patch applies. It would update the following files:";

function cwdOf(environment: Executor["environment"], cwd: RemotePath | undefined): PathUri {
  const base = environment.cwd ?? parsePathUri(environment.pathConvention === "windows" ? "file:///C:/" : "file:///");
  if (cwd === undefined) return base;
  const text = String(cwd);
  return /^file:/i.test(text) ? parsePathUri(text) : join(base, text);
}

async function rootOf(place: PatchPlace, cwd: PathUri, { root, signal }: ApplyPatchOptions): Promise<PathUri> {
  const text = String(root);
  const uri = /^file:/i.test(text) ? parsePathUri(text) : join(cwd, text);
  try {
    return await place.fs.canonicalize(uri, callOptions(place, LOOK_TIMEOUT_MS, signal));
  } catch (error) {
    if (isLinkError(error)) throw error;
    const path = displayPath(uri);
    throw new PatchError("file", `Failed to read folder ${path}: ${reasonOf(error)}`, { path, cause: error });
  }
}

function changeOf(hunk: PatchHunk): PatchChange {
  if (hunk.kind === "delete") {
    return { kind: "delete", path: hunk.path, from: undefined, addedLines: 0, removedLines: 0 };
  }
  if (hunk.kind === "add") {
    const addedLines = hunk.content.split("\n").length - 1;
    return { kind: "add", path: hunk.path, from: undefined, addedLines, removedLines: 0 };
  }
  const { path, moveTo } = hunk;
  const lines = hunk.chunks.flatMap((chunk) => chunk.lines);
  const count = (kind: "add" | "remove"): number => lines.filter((line) => line.kind === kind).length;
  const counts = { addedLines: count("add"), removedLines: count("remove") };
  return moveTo === undefined
    ? { kind: "modify", path, from: undefined, ...counts }
    : { kind: "move", path: moveTo, from: path, ...counts };
}

/** Added ones first, deleted ones last. */
function summaryOf(changes: readonly PatchChange[], head: string): string {
  const of = (kinds: readonly PatchChange["kind"][], letter: string): string[] =>
    changes.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => `${letter} ${path}\n`);
  return [`${head}\n`, ...of(["add"], "A"), ...of(["modify", "move"], "M"), ...of(["delete"], "D")].join("");
}
