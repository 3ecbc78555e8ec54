import type { BytePath } from "./file-tree.ts";

export type { BytePath } from "./file-tree.ts";

/** What could not be looked at. */
export interface Problem {
  readonly path: BytePath;
  readonly message: string;
}

/** What a page has cost. */
export interface PageCost {
  readonly startedAtMs: number;
  /** Of paths and texts. */
  characters: number;
}

/** Work for one answer: who wants more asks again, and who has enough does not. */
const PAGE_MS = 250;
const PAGE_MAX_CHARACTERS = 1_048_576;
const PAGE_MAX_PROBLEMS = 1_000;

export function isPageFull({ startedAtMs, characters }: PageCost, problems: readonly Problem[]): boolean {
  if (characters >= PAGE_MAX_CHARACTERS || problems.length >= PAGE_MAX_PROBLEMS) return true;
  return performance.now() - startedAtMs >= PAGE_MS;
}
