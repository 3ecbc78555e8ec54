import { nearestName } from "@holdfast/rpc/client";
import { McpConfigError } from "./config-error.ts";

/** Keys that TOML lets stand without quotes. */
const BARE_KEY = /^[A-Za-z0-9_-]+$/;

/** A table as a TOML parser gives it. */
export type PlainTable = Readonly<Record<string, unknown>>;

/** Reads the members of one table, and says of one that is wrong where it is. Each method gives undefined for a member that is not there. */
export class ConfigTable {
  readonly #table: PlainTable;
  readonly path: string;

  /** @throws McpConfigError - `value` is no table. */
  constructor(value: unknown, path: string) {
    this.#table = tableOf(value, path);
    this.path = path;
  }

  has(key: string): boolean {
    return this.#table[key] !== undefined;
  }

  /** The tables or values in it, in their order. */
  entries(): readonly (readonly [key: string, value: unknown])[] {
    return Object.entries(this.#table);
  }

  /** Where a member is. */
  at(key: string): string {
    return memberPath(this.path, key);
  }

  /** @throws McpConfigError - It is no text. */
  text(key: string): string | undefined {
    return this.#optional(key, textOf);
  }

  /** @throws McpConfigError - It is neither true nor false. */
  flag(key: string): boolean | undefined {
    return this.#optional(key, (value, path) =>
      typeof value === "boolean" ? value : wrongType(value, "a boolean", path),
    );
  }

  /** @throws McpConfigError - It is no array of texts. */
  texts(key: string): readonly string[] | undefined {
    return this.list(key)?.map((entry) => textOf(entry, this.at(key)));
  }

  /** @throws McpConfigError - It is no array. */
  list(key: string): readonly unknown[] | undefined {
    return this.#optional(key, (value, path) => (Array.isArray(value) ? value : wrongType(value, "an array", path)));
  }

  /** @throws McpConfigError - It is no table. */
  table(key: string): ConfigTable | undefined {
    return this.#optional(key, (value, path) => new ConfigTable(value, path));
  }

  /** @throws McpConfigError - It is no table of texts. */
  textsByName(key: string): Readonly<Record<string, string>> | undefined {
    const table = this.table(key);
    return table && Object.fromEntries(table.entries().map(([name, value]) => [name, textOf(value, table.at(name))]));
  }

  /**
   * A time in seconds.
   *
   * @returns Milliseconds.
   * @throws McpConfigError - It is no number, negative, or without end.
   */
  seconds(key: string): number | undefined {
    return this.#optional(key, (value, path) => Math.round(amountOf(value, path) * 1e6) / 1e3);
  }

  /** A time in whole milliseconds. @throws McpConfigError - It is none. */
  milliseconds(key: string): number | undefined {
    return this.#optional(key, (value, path) => {
      const amount = amountOf(value, path);
      return Number.isInteger(amount) ? amount : wrongType(value, "a whole number", path);
    });
  }

  /** @throws McpConfigError - It is no number without a fraction. */
  wholeNumber(key: string): number | undefined {
    return this.#optional(key, (value, path) =>
      typeof value === "bigint" || Number.isInteger(value) ? Number(value) : wrongType(value, "a whole number", path),
    );
  }

  /** @throws McpConfigError - It is none of `words`. */
  word<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    return this.#optional(key, (value, path) => {
      const text = textOf(value, path);
      const word = words.find((known) => known === text);
      if (word !== undefined) return word;
      const known = words.map((each) => `\`${each}\``).join(", ");
      throw new McpConfigError(`unknown variant ${quoted(text)}, expected one of ${known}`, path);
    });
  }

  /** Say of each key that is none of `known` that it has no effect. */
  warnOfOthers(known: readonly string[], warn: (text: string) => void): void {
    for (const [key] of this.entries()) {
      if (known.includes(key)) continue;
      const meant = nearestName(key, known);
      warn(`unknown key \`${this.at(key)}\` has no effect${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`);
    }
  }

  #optional<Value>(key: string, read: (value: unknown, path: string) => Value): Value | undefined {
    const value = Object.hasOwn(this.#table, key) ? this.#table[key] : undefined;
    return value === undefined ? undefined : read(value, this.at(key));
  }
}

/** Where a member of the table at `path` is; of the whole file it is empty. */
export function memberPath(path: string, key: string): string {
  const name = BARE_KEY.test(key) ? key : JSON.stringify(key);
  return path === "" ? name : `${path}.${name}`;
}

function tableOf(value: unknown, path: string): PlainTable {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
  return isTable ? (value as PlainTable) : wrongType(value, "a table", path);
}

function textOf(value: unknown, path: string): string {
  return typeof value === "string" ? value : wrongType(value, "a string", path);
}

function amountOf(value: unknown, path: string): number {
  if (typeof value !== "number" && typeof value !== "bigint") return wrongType(value, "a number", path);
  const amount = Number(value);
  if (amount < 0) throw new McpConfigError("a time can not be negative", path);
  if (!Number.isFinite(amount)) throw new McpConfigError("a time must be a number with an end", path);
  return amount;
}

function wrongType(value: unknown, expected: string, path: string): never {
  throw new McpConfigError(`invalid type: ${kindOf(value)}, expected ${expected}`, path);
}

/** What it is; not a text's value, which might be a secret that was put into the wrong place. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return `boolean \`${value}\``;
  if (typeof value === "bigint" || Number.isInteger(value)) return `integer \`${value}\``;
  if (typeof value === "number") return `floating point \`${value}\``;
  if (value instanceof Date) return "date";
  return Array.isArray(value) ? "array" : value === null ? "null" : typeof value === "object" ? "table" : typeof value;
}

function quoted(text: string): string {
  return `\`${text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 64)}\``;
}
