import type { TomlPath, TomlTable, TomlValue } from "./toml-document.ts";

/** A value in a TOML file is none of what may stand there. */
export class TomlShapeError extends Error {
  override readonly name = "TomlShapeError";
  readonly path: TomlPath;

  constructor(what: string, path: TomlPath) {
    const place = path.filter((part) => typeof part === "string").join(".");
    super(place === "" ? what : `${what} in \`${place}\``);
    this.path = path;
  }
}

/** The members of a table, all of which have to be known. @param own - Names that a refusal does not list. @throws TomlShapeError */
export function members<const Name extends string, const Own extends string = never>(
  value: TomlValue,
  path: TomlPath,
  names: readonly Name[],
  own: readonly Own[] = [],
): Readonly<Partial<Record<Name | Own, TomlValue>>> {
  const table = tableOf(value, path);
  for (const key of Object.keys(table)) {
    if ((names as readonly string[]).includes(key) || (own as readonly string[]).includes(key)) continue;
    const expected = names.map((name) => `\`${name}\``).join(", ");
    throw new TomlShapeError(
      `unknown field \`${key}\`, expected ${names.length > 1 ? "one of " : ""}${expected}`,
      path,
    );
  }
  return table as Partial<Record<Name | Own, TomlValue>>;
}

export function tableOf(value: TomlValue, path: TomlPath): TomlTable {
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Date) throw invalid(value, "a table", path);
  return value as TomlTable;
}

export function listOf(value: TomlValue, path: TomlPath): readonly TomlValue[] {
  if (!Array.isArray(value)) throw invalid(value, "a sequence", path);
  return value;
}

export function textOf(value: TomlValue, path: TomlPath): string {
  if (typeof value !== "string") throw invalid(value, "a string", path);
  return value;
}

export function flagOf(value: TomlValue, path: TomlPath): boolean {
  if (typeof value !== "boolean") throw invalid(value, "a boolean", path);
  return value;
}

export function textsOf(value: TomlValue, path: TomlPath): readonly string[] {
  return listOf(value, path).map((each, index) => textOf(each, [...path, index]));
}

export function textsByNameOf(value: TomlValue, path: TomlPath): Readonly<Record<string, string>> {
  const entries = Object.entries(tableOf(value, path));
  return Object.fromEntries(entries.map(([name, each]) => [name, textOf(each, [...path, name])]));
}

const MILLISECONDS = 1_000;
/** 2^64 seconds, and a second less. */
const SECONDS_MAX = 2 ** 64;

/** Seconds from 0 on, fractions allowed, as milliseconds. @throws TomlShapeError */
export function millisecondsOf(value: TomlValue, path: TomlPath): number {
  if (typeof value !== "number") throw invalid(value, "f64", path);
  const refusal = (reason: string) => new TomlShapeError(`cannot convert float seconds to Duration: ${reason}`, path);
  if (value < 0) throw refusal("value is negative");
  if (!(value < SECONDS_MAX)) throw refusal("value is either too big or NaN");
  return value * MILLISECONDS;
}

export function invalid(value: TomlValue, expected: string, path: TomlPath): TomlShapeError {
  return new TomlShapeError(`invalid type: ${shown(value)}, expected ${expected}`, path);
}

/** What a member has that is refused. A text is not shown: it may be a secret in the wrong place. */
function shown(value: TomlValue): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return `boolean \`${value}\``;
    case "number":
      return `${Number.isInteger(value) ? "integer" : "floating point"} \`${value}\``;
    default:
      if (value instanceof Date) return "datetime";
      return Array.isArray(value) ? "sequence" : "map";
  }
}
