import type { BytePath } from "./file-tree.ts";

export type { BytePath } from "./file-tree.ts";

/** What could not be looked at. */
export interface Problem {
  readonly path: BytePath;
  readonly message: string;
}

/** What a page has cost. */
export interface PageCost {
  /** When it came by its first file: to find the way to where the last page ended takes as long as its folders are large. */
  startedAtMs: number | undefined;
  /** Of paths and texts. */
  characters: number;
}

/** Work for one answer: who wants more asks again, and who has enough does not. */
const PAGE_MS = 250;
const PAGE_MAX_CHARACTERS = 1_048_576;
const PAGE_MAX_PROBLEMS = 1_000;

/** Asked after each file. */
export function isPageFull(cost: PageCost, problems: readonly Problem[]): boolean {
  if (cost.characters >= PAGE_MAX_CHARACTERS || problems.length >= PAGE_MAX_PROBLEMS) return true;
  const now = performance.now();
  cost.startedAtMs ??= now;
  return now - cost.startedAtMs >= PAGE_MS;
}
