/** Resolve `.`, `..` and empty segments by their text alone; `..` stops at the start. */
export function resolveDots(segments: readonly string[]): string[] {
  const resolved: string[] = [];
  for (const segment of segments) {
    if (segment === "..") resolved.pop();
    else if (segment !== "." && segment !== "") resolved.push(segment);
  }
  return resolved;
}

/** The same, but a separator at the end stays as one empty last segment. */
export function resolveDotsKeepingTail(segments: readonly string[]): string[] {
  const resolved = resolveDots(segments);
  if (segments.at(-1) === "" || resolved.length === 0) resolved.push("");
  return resolved;
}
