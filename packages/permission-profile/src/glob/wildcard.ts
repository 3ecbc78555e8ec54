/** How many more steps matching may take. Below zero: they are used up, and the answer means nothing. */
export interface MatchingSteps {
  left: number;
}

/**
 * Does a pattern, in which `*` is any run of characters and `?` is one, match a whole text? In time pattern by text.
 *
 * @param pattern - A character at each place: of a string, or any other kind of value that is to be compared.
 * @param steps - Counted down for work that is bounded over many patterns and texts.
 */
export function matchesWildcard(
  pattern: ArrayLike<string>,
  text: ArrayLike<string>,
  steps: MatchingSteps = { left: Number.POSITIVE_INFINITY },
): boolean {
  let at = 0;
  let inPattern = 0;
  let starEnd = 0;
  let afterStar: number | undefined;
  while (at < text.length) {
    steps.left -= 1;
    if (steps.left < 0) return false;
    const expected = pattern[inPattern];
    if (expected === "*") {
      inPattern += 1;
      afterStar = inPattern;
      starEnd = at;
    } else if (expected !== undefined && (expected === "?" || expected === text[at])) {
      inPattern += 1;
      at += 1;
    } else if (afterStar === undefined) {
      return false;
    } else {
      inPattern = afterStar;
      starEnd += 1;
      at = starEnd;
    }
  }
  return isOnlyStars(pattern, inPattern, steps);
}

function isOnlyStars(pattern: ArrayLike<string>, from: number, steps: MatchingSteps): boolean {
  let at = from;
  while (pattern[at] === "*") at += 1;
  steps.left -= at - from;
  return at === pattern.length;
}
