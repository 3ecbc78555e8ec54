import { printable } from "./printable.ts";

const GAP = "  ";

/** Rows of a table as lines, its heading first, with cells made printable and columns as wide as what is in them. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...clean.map((row) => (row[column] ?? "").length)),
  );
  const toLine = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return clean.map((row) => `${toLine(row)}\n`).join("");
}
