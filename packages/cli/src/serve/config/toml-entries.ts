import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

/** A value in a TOML file. `undefined`: one of another kind, such as a date. */
export type TomlValue = string | number | boolean | readonly TomlValue[] | undefined;

/** One key with its value. */
export interface TomlEntry {
  /** The names of its tables, then its own. */
  readonly path: readonly string[];
  readonly value: TomlValue;
  /** From 1. */
  readonly line: number;
}

/** It is no TOML. */
export class TomlError extends Error {
  override readonly name = "TomlError";
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;

  constructor(error: ParseError) {
    super(error.message.replace(/\.$/, ""), { cause: error });
    this.line = error.lineNumber;
    this.column = error.column + 1;
  }
}

/** All keys of a TOML text, in their order; an empty table is none. @throws TomlError */
export function tomlEntries(text: string): readonly TomlEntry[] {
  return parsed(text).body[0].body.flatMap((node) =>
    node.type === "TOMLKeyValue" ? entriesOf(node, []) : tableEntries(node),
  );
}

function parsed(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    throw error instanceof ParseError ? new TomlError(error) : error;
  }
}

function tableEntries({ resolvedKey, body }: AST.TOMLTable): readonly TomlEntry[] {
  return body.flatMap((node) => entriesOf(node, resolvedKey.map(String)));
}

function entriesOf({ key, value }: AST.TOMLKeyValue, above: readonly string[]): readonly TomlEntry[] {
  const path = [...above, ...key.keys.map(nameOf)];
  if (value.type === "TOMLInlineTable") return value.body.flatMap((node) => entriesOf(node, path));
  return [{ path, value: plainValue(value), line: key.loc.start.line }];
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}

function plainValue(node: AST.TOMLContentNode): TomlValue {
  if (node.type === "TOMLArray") return node.elements.map(plainValue);
  if (node.type === "TOMLInlineTable") return undefined;
  return node.value instanceof Date ? undefined : node.value;
}
