import { invalidChange } from "./config-error.ts";
import { CONFIG_DEPTH_MAX } from "./limits.ts";
import type { TomlTable, TomlValue } from "./toml-document.ts";

export type OpenTable = Record<string, TomlValue>;

/** Without a prototype, as those that are read. */
export function emptyTable(): OpenTable {
  return Object.create(null) as OpenTable;
}

export function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

/** The member of a table by its own name. */
export function memberOf(table: TomlTable, name: string): TomlValue | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** @throws ConfigWriteError - There is a null in it, which TOML has not, or it is too deep. */
export function tomlOf(value: unknown, depth = 0): TomlValue {
  if (depth > CONFIG_DEPTH_MAX)
    throw invalidChange(`invalid value: more than ${CONFIG_DEPTH_MAX} tables within each other`);
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return value;
    case "bigint":
      return Number(value);
    default:
  }
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((each) => tomlOf(each, depth + 1));
  if (typeof value !== "object" || value === null) {
    throw invalidChange("invalid value: invalid type: null, expected any valid TOML value");
  }
  const table = emptyTable();
  for (const [name, each] of Object.entries(value)) {
    if (name === "__proto__") throw invalidChange("invalid value: a member must not be `__proto__`");
    table[name] = tomlOf(each, depth + 1);
  }
  return table;
}

/** As JSON has it: dates are texts, and what is no number is null. */
export function jsonOf(value: TomlValue): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, jsonOf(each)]));
}

/** One table laid over another: tables in both are merged, all else is that of the upper one. */
export function merged(lower: TomlTable, upper: TomlTable): TomlTable {
  const table = emptyTable();
  Object.assign(table, lower);
  for (const [name, value] of Object.entries(upper)) {
    const below = memberOf(lower, name);
    table[name] = isTable(value) && isTable(below) ? merged(below, value) : value;
  }
  return table;
}

/** Lengths of time and the like are equal by what they say; tables whatever the order of their members. */
export function isSameValue(one: TomlValue | undefined, other: TomlValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one instanceof Date || other instanceof Date) {
    return one instanceof Date && other instanceof Date && one.getTime() === other.getTime();
  }
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((each: TomlValue, index: number) => isSameValue(each, other[index]));
  }
  if (isTable(one) && isTable(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => isSameValue(memberOf(one, name), memberOf(other, name)))
    );
  }
  return Object.is(one, other);
}
