/** Does a pattern, in which `*` is any run of characters and `?` is one, match a whole text? In time pattern by text. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let starEnd = 0;
  let afterStar: number | undefined;
  while (at < text.length) {
    const expected = pattern[inPattern];
    if (expected === "*") {
      inPattern += 1;
      afterStar = inPattern;
      starEnd = at;
    } else if (expected === "?" || expected === text[at]) {
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
  return /^\**$/.test(pattern.slice(inPattern));
}
