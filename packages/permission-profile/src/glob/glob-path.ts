import type { SegmentMatcher } from "@holdfast/path-uri";

/** One step of a compiled pattern: any number of names, or one name that matches. */
export type GlobStep = "any-names" | SegmentMatcher;

/**
 * Do the names match the steps, all of them or as far as the steps go? A folder that matches takes everything below it along.
 *
 * Greedy: when the rest fails, only the last `any-names` takes one more name. Never worse than steps times names.
 */
export function matchesAtOrAbove(steps: readonly GlobStep[], names: readonly (readonly string[])[]): boolean {
  let step = 0;
  let at = 0;
  let afterAny: number | undefined;
  let anyEnd = 0;
  while (step < steps.length) {
    const expected = steps[step];
    const name = names[at];
    if (expected === "any-names") {
      afterAny = ++step;
      anyEnd = at;
    } else if (name !== undefined && expected?.(name) === true) {
      step++;
      at++;
    } else if (afterAny === undefined || anyEnd >= names.length) {
      return false;
    } else {
      step = afterAny;
      at = ++anyEnd;
    }
  }
  return true;
}
