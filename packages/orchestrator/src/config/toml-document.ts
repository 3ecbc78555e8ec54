import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

export type TomlValue = string | number | boolean | Date | readonly TomlValue[] | TomlTable;

/** Without a prototype: its members are those of the text, whatever their names. */
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** Names of members and indexes of lists, from the top. */
export type TomlPath = readonly (string | number)[];

/** A TOML text, read: its values, and where they stand. */
export interface TomlDocument {
  readonly root: TomlTable;
  /** The text it was read from. */
  readonly text: string;
  readonly ast: AST.TOMLProgram;
  /** Line of a member or of the head of its table, from 1. Undefined: there is none. */
  lineOf(path: TomlPath): number | undefined;
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

/** Read a TOML text. Integers beyond 2^53 lose digits. @throws TomlError */
export function parseToml(text: string): TomlDocument {
  const ast = parsed(text);
  const root = emptyTable();
  const lines = new Map<string, number>();
  for (const node of ast.body[0].body) {
    if (node.type === "TOMLKeyValue") {
      put(root, [], node, lines);
      continue;
    }
    const { resolvedKey: path, body } = node;
    const table = reach(root, path);
    lines.set(JSON.stringify(path), node.loc.start.line);
    for (const entry of body) put(table, path, entry, lines);
  }
  return { root, text, ast, lineOf: (path) => lines.get(JSON.stringify(path)) };
}

function parsed(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    throw error instanceof ParseError ? new TomlError(error) : error;
  }
}

type OpenTable = Record<string, unknown>;
type OpenNode = OpenTable | unknown[];

function emptyTable(): OpenTable & TomlTable {
  return Object.create(null);
}

/** The table at a path; what is missing on the way is made. The parser has seen to it that nothing else is there. */
function reach(root: OpenTable, path: TomlPath): OpenTable {
  let node: OpenNode = root;
  for (const [index, key] of path.entries()) {
    const members = node as Record<string | number, unknown>;
    members[key] ??= typeof path[index + 1] === "number" ? [] : emptyTable();
    node = members[key] as OpenNode;
  }
  return node as OpenTable;
}

function put(table: OpenTable, above: TomlPath, { key, value }: AST.TOMLKeyValue, lines: Map<string, number>): void {
  const path = key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value));
  const last = path.at(-1) ?? "";
  const place = [...above, ...path];
  lines.set(JSON.stringify(place), key.loc.start.line);
  reach(table, path.slice(0, -1))[last] = plain(value, place, lines);
}

function plain(node: AST.TOMLContentNode, place: TomlPath, lines: Map<string, number>): TomlValue {
  switch (node.type) {
    case "TOMLArray":
      return node.elements.map((element, index) => {
        const at = [...place, index];
        lines.set(JSON.stringify(at), element.loc.start.line);
        return plain(element, at, lines);
      });
    case "TOMLInlineTable": {
      const table = emptyTable();
      for (const entry of node.body) put(table, place, entry, lines);
      return table;
    }
    default:
      return node.value;
  }
}
