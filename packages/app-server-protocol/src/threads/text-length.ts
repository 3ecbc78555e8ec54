/** What a value counts beside its text. */
const VALUE_LENGTH = 64;

/** About how much memory a message holds on to: the text in it, and something for every value. */
export function textLength(value: unknown): number {
  let length = 0;
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    length += VALUE_LENGTH;
    if (typeof next === "string") length += next.length;
    else if (typeof next === "object" && next !== null) for (const inner of Object.values(next)) waiting.push(inner);
  }
  return length;
}
