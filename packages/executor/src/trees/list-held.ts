import { type BigIntStats, readlinkSync } from "node:fs";
import type { HoldfastTreeEntry, HoldfastTreeEntryKind } from "@holdfast/exec-server-protocol";
import { TREE_ENTRIES_MAX, TREE_NAMES_MAX_BYTES, treeNameOf } from "@holdfast/exec-server-protocol/trees";
import type { IgnoreFilter } from "@holdfast/path-uri";
import { toFault } from "../filesystem/fault.ts";
import { type StagingProblem, StagingProblems } from "../filesystem/staging-problems.ts";
import { walkHeld } from "./walk-held.ts";

const MODES = 0o7777n;
const NANOSECONDS_PER_US = 1_000n;

/** A page of a listing. */
export interface TreePage {
  readonly entries: HoldfastTreeEntry[];
  /** Null: this is the last. */
  readonly next: string | null;
  readonly problems: readonly StagingProblem[];
}

/**
 * List what is in a held folder, as far as it fits in one page.
 *
 * @param root - Names the held folder for any call.
 * @param options.after - Go on after this name from the root; empty: from the start.
 */
export function listHeld(
  root: Buffer,
  { filter, after, shownRoot }: { readonly filter: IgnoreFilter; readonly after: Buffer; readonly shownRoot: Buffer },
): TreePage {
  const problems = new StagingProblems(shownRoot);
  const report = (name: Buffer, message: string) => problems.report(name, message);
  const entries: HoldfastTreeEntry[] = [];
  let bytes = 0;
  for (const { name, path, stats } of walkHeld(root, { filter, after, report })) {
    let target: Buffer | undefined;
    if (stats.isSymbolicLink()) {
      try {
        target = readlinkSync(path, "buffer");
      } catch (thrown) {
        report(name, toFault(thrown).message);
        continue;
      }
    }
    entries.push(entryOf(treeNameOf(name), stats, target));
    bytes += name.length + (target?.length ?? 0);
    if (entries.length >= TREE_ENTRIES_MAX || bytes >= TREE_NAMES_MAX_BYTES) {
      return { entries, next: treeNameOf(name), problems: problems.all() };
    }
  }
  return { entries, next: null, problems: problems.all() };
}

function entryOf(name: string, stats: BigIntStats, target: Buffer | undefined): HoldfastTreeEntry {
  const kind = kindOf(stats);
  const entry = {
    name,
    kind,
    size: kind === "file" ? Number(stats.size) : 0,
    modifiedAtUs: Number(roundedDown(stats.mtimeNs)),
    mode: Number(stats.mode & MODES),
  };
  return target === undefined ? entry : { ...entry, target: treeNameOf(target) };
}

function kindOf(stats: BigIntStats): HoldfastTreeEntryKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isSymbolicLink() ? "link" : "other";
}

/** Whole microseconds; division of negative numbers rounds the other way. */
function roundedDown(ns: bigint): bigint {
  const us = ns / NANOSECONDS_PER_US;
  return ns < 0n && us * NANOSECONDS_PER_US !== ns ? us - 1n : us;
}
