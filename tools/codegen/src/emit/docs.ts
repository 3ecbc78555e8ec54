import type { Limits } from "../read/limits.ts";
import type { MethodTable } from "../read/method-table.ts";
import type { NotServed } from "../read/not-served.ts";

/** Tables by the name of their place in a page. */
export type Tables = Readonly<Record<string, string>>;

/**
 * Put tables between their markers, `<!-- generated: NAME -->` and `<!-- /generated -->`. The rest of the page stays.
 *
 * @throws Error for a marker without a table, a table without a marker, or a marker that is not closed.
 */
export function fillMarkers(page: string, tables: Tables): string {
  const used = new Set<string>();
  const parts = page.split(/^<!-- generated: ([\w-]+) -->$/m);
  let filled = parts[0] ?? "";
  for (let index = 1; index < parts.length; index += 2) {
    const name = parts[index] ?? "";
    const [, rest] = split(parts[index + 1] ?? "", name);
    const table = tables[name];
    if (table === undefined || used.has(name)) throw new Error(`no table for the marker ${name}`);
    used.add(name);
    filled += `<!-- generated: ${name} -->\n\n${table}\n<!-- /generated -->${rest}`;
  }
  const missing = Object.keys(tables).filter((name) => !used.has(name));
  if (missing.length > 0) throw new Error(`no marker for the table ${missing.join(", ")}`);
  return filled;
}

function split(text: string, name: string): readonly [string, string] {
  const end = text.match(/^<!-- \/generated -->$/m);
  if (end?.index === undefined) throw new Error(`the marker ${name} is not closed`);
  return [text.slice(0, end.index), text.slice(end.index + end[0].length)];
}

/** @param folderOf - The folder with the schema of a type, relative to the root. */
export function methodTable(methods: MethodTable, folderOf: (type: string) => string): string {
  return markdown(
    ["Method", "Kind", "From", "Params", "Result", "Gate", "Since", "Refusals"],
    methods.map(({ method, kind, from, params, result, family, since, errors }) => [
      code(method),
      kind,
      from,
      schemaLink(params, folderOf),
      schemaLink(result, folderOf),
      family ?? "–",
      since,
      errors.length === 0 ? "–" : errors.join(", "),
    ]),
  );
}

/** As {@link methodTable}, of several releases: since when a method is there, and until when. Types are in one document. */
export function releaseTable(methods: MethodTable): string {
  return markdown(
    ["Method", "Kind", "From", "Params", "Result", "Since", "Removed in", "", "Again"],
    methods.map(({ method, kind, from, params, result, since, removedIn, experimental, replay, optionalParams }) => [
      code(method),
      kind,
      from,
      params === null ? "–" : code(params) + (optionalParams === true ? "?" : ""),
      result === null ? "–" : code(result),
      since,
      removedIn ?? "–",
      experimental === true ? "experimental" : "",
      replay === "always" ? "yes" : "–",
    ]),
  );
}

/** Methods that the server of this project does not serve. */
export function notServedTable(groups: readonly NotServed[]): string {
  return markdown(
    ["Methods", "Why not"],
    groups.map(({ methods, reason }) => [methods.map(code).join(", "), reason]),
  );
}

export function errorTable(
  errors: Readonly<Record<string, { readonly code: number; readonly meaning: string }>>,
): string {
  return markdown(
    ["Code", "Name", "Used for"],
    Object.entries(errors).map(([name, { code: number, meaning }]) => [String(number), name, meaning]),
  );
}

export function limitTable(limits: Limits): string {
  const rows = limits.map(({ name, keeper, reference, holdfast, meaning }) => [
    code(name),
    orNone(reference),
    orNone(holdfast),
    keeper,
    meaning,
  ]);
  return markdown(["Name", "Reference", "Holdfast", "Kept by", "Bounds"], rows);
}

function orNone(value: number | bigint | null): string {
  return value === null ? "–" : grouped(value);
}

/** Digits in groups of three, whatever the locale. */
function grouped(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

function schemaLink(name: string | null, folderOf: (type: string) => string): string {
  return name === null ? "–" : `[${name}](../../${folderOf(name)}/${name}.json)`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(heads) + line(heads.map(() => "---")) + rows.map(line).join("");
}
