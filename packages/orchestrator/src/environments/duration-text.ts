/** Milliseconds as the reference writes a length of time: `10s`, `1.5s`, `250ms`. */
export function durationText(milliseconds: number): string {
  return milliseconds >= 1_000 ? `${milliseconds / 1_000}s` : `${milliseconds}ms`;
}
