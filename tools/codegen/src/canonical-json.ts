/** Order of well-known members; the others follow by code point. */
const FIRST = ["openrpc", "info", "$schema", "$id", "title", "description", "$ref", "type", "const", "enum", "format"];

/** JSON text with members in one order, indented, ending in a newline. Lists keep their order. */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(ordered(value, true), null, 2)}\n`;
}

function ordered(value: unknown, wellKnown: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => ordered(item, true));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => compareKeys(a, b, wellKnown));
  // Names inside `properties` and `definitions` are data: `title` is nobody special there.
  return Object.fromEntries(
    entries.map(([key, item]) => [key, ordered(item, key !== "properties" && key !== "definitions")]),
  );
}

function compareKeys(a: string, b: string, wellKnown: boolean): number {
  const rank = (key: string): number => {
    const index = wellKnown ? FIRST.indexOf(key) : -1;
    return index === -1 ? FIRST.length : index;
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
