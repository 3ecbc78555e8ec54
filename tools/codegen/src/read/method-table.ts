import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { literal } from "../identifiers.ts";
import { checkMethodTable } from "./check-method-table.ts";
import { repeatedMembers } from "./repeated-members.ts";

/** One row of an API's method table, as data. */
export interface MethodTableRow {
  readonly method: string;
  readonly kind: "request" | "notice";
  readonly from: "client" | "server";
  readonly params: string | null;
  readonly result: string | null;
  readonly family: string | null;
  readonly since: string;
  readonly replay: string | null;
  readonly errors: readonly string[];
  /** Its params may be left out, or null. Default: a method with params needs them. */
  readonly optionalParams?: boolean;
  /** Peers know it only after both have said so. Default: no. */
  readonly experimental?: boolean;
  /** The first supported release that does not know it any more. Default: none. */
  readonly removedIn?: string | undefined;
}

export type MethodTable = readonly MethodTableRow[];

/** Load a source file that exports data and imports nothing at run time. */
export async function loadData(root: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  return import(pathToFileURL(join(root, path)).href);
}

/** @throws Error when the file exports no table, or one that nothing can be made from; it names the method. */
export async function loadMethodTable(root: string, path: string): Promise<MethodTable> {
  const { METHODS } = await loadData(root, path);
  if (typeof METHODS !== "object" || METHODS === null) throw new Error(`${path} exports no METHODS`);
  const [repeated] = repeatedMembers(readFileSync(join(root, path), "utf8"), "METHODS");
  if (repeated !== undefined) {
    throw new Error(`${path}:${repeated.line}: method ${literal(repeated.name)} has a row already`);
  }
  const rows = Object.entries(METHODS as Record<string, Omit<MethodTableRow, "method">>).map(([method, row]) => ({
    method,
    ...row,
  }));
  checkMethodTable(path, rows);
  return rows;
}

/** Rows of one kind that one side sends. */
export function rowsOf(methods: MethodTable, kind: MethodTableRow["kind"], from: MethodTableRow["from"]): MethodTable {
  return methods.filter((row) => row.kind === kind && row.from === from);
}
