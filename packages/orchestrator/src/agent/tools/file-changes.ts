import type { FileUpdateChange } from "@holdfast/app-server-protocol";
import { displayPath, join, type PathUri } from "@holdfast/path-uri";
import { PATCHED_FILE_MAX_BYTES } from "../../patch/limits.ts";
import type { Patch, PatchHunk } from "../../patch/patch.ts";
import { callOptions, type PatchPlace } from "../../patch/patch-call.ts";
import type { PatchPlan } from "../../patch/plan-patch.ts";
import { READ_MAX_MS } from "./limits.ts";
import { type ChangedFile, unifiedHunks } from "./unified-diff.ts";

/** A change of a patch as clients see it, and what the file had and has. */
export interface ShownChange {
  readonly change: FileUpdateChange;
  readonly file: ChangedFile;
}

/** What a patch changes, file by file, before it does. */
export async function shownChanges(
  place: PatchPlace,
  { hunks }: Patch,
  plan: PatchPlan,
  cwd: PathUri,
): Promise<readonly ShownChange[]> {
  const seen = new Set<string>();
  const shown: ShownChange[] = [];
  for (const hunk of hunks) {
    const uri = join(cwd, hunk.path);
    if (seen.has(uri)) continue;
    seen.add(uri);
    shown.push(await shownChange(place, { hunk, uri, plan, cwd }));
  }
  return shown;
}

async function shownChange(
  place: PatchPlace,
  {
    hunk,
    uri,
    plan,
    cwd,
  }: { readonly hunk: PatchHunk; readonly uri: PathUri; readonly plan: PatchPlan; readonly cwd: PathUri },
): Promise<ShownChange> {
  const path = displayPath(uri);
  const relative = relativePath(uri, cwd);
  if (hunk.kind === "delete") {
    const before = textOf(removedBytes(plan, uri) ?? (await readIfShort(place, uri)));
    return {
      change: { path, kind: { type: "delete" }, diff: before },
      file: { path: relative, before, after: undefined },
    };
  }
  if (hunk.kind === "add") {
    const written = writtenTo(plan, uri);
    const before = written?.before === undefined ? undefined : textOf(written.before);
    const after = textOf(written?.bytes) || hunk.content;
    return { change: { path, kind: { type: "add" }, diff: after }, file: { path: relative, before, after } };
  }
  const target = hunk.moveTo === undefined ? uri : join(cwd, hunk.moveTo);
  const written = writtenTo(plan, target);
  const before = textOf(hunk.moveTo === undefined ? written?.before : removedBytes(plan, uri));
  const after = written === undefined ? before : textOf(written.bytes);
  const move = hunk.moveTo === undefined ? null : displayPath(target);
  return {
    change: { path, kind: { type: "update", move_path: move }, diff: `${unifiedHunks(before, after)}${movedTo(move)}` },
    file: {
      path: relativePath(target, cwd),
      ...(target === uri ? {} : { from: relative }),
      before,
      after,
    },
  };
}

/** Clients show the diff alone. */
function movedTo(path: string | null): string {
  return path === null ? "" : `\n\nMoved to: ${path}`;
}

/** Links are written through: then it is the only write that is left. */
function writtenTo({ writes }: PatchPlan, uri: PathUri): PatchPlan["writes"][number] | undefined {
  return writes.find(({ path }) => path === uri) ?? (writes.length === 1 ? writes[0] : undefined);
}

function removedBytes({ removals }: PatchPlan, uri: PathUri): Uint8Array | undefined {
  return removals.find(({ path }) => path === uri)?.before;
}

/** What is deleted is shown where that costs little. */
async function readIfShort(place: PatchPlace, uri: PathUri): Promise<Uint8Array | undefined> {
  const options = callOptions(place, READ_MAX_MS);
  try {
    const { size } = await place.fs.metadata(uri, options);
    return size > PATCHED_FILE_MAX_BYTES ? undefined : await place.fs.readFile(uri, options);
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function relativePath(uri: PathUri, cwd: PathUri): string {
  const base = cwd.endsWith("/") ? cwd : `${cwd}/`;
  return uri.startsWith(base) ? decodeURIComponent(uri.slice(base.length)) : displayPath(uri).replace(/^\/+/, "");
}
