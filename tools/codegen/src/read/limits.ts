import type { ProtocolTables } from "../api.ts";
import { documentedConstants } from "./documented-constants.ts";
import { loadData } from "./method-table.ts";

/** One bound, and whose it is. */
export interface Limit {
  readonly name: string;
  readonly meaning: string;
  /** The side that keeps it. */
  readonly keeper: string;
  /** What the reference keeps; null where it has none. */
  readonly reference: number | bigint | null;
  /** What this project keeps; null where it has none. */
  readonly holdfast: number | bigint | null;
}

export type Limits = readonly Limit[];

/** @throws Error for a limit that says nothing about itself, or of which nothing says whose it is. */
export async function loadLimits(root: string, { limits, limitRows }: ProtocolTables): Promise<Limits> {
  const values = await loadData(root, limits);
  const { LIMITS } = await loadData(root, limitRows);
  return limitsOf(values, documentedConstants(root, limits), LIMITS as Readonly<Record<string, unknown>>);
}

/** @param rows - By name, whose each of them is. */
export function limitsOf(
  values: Readonly<Record<string, unknown>>,
  meanings: ReadonlyMap<string, string>,
  rows: Readonly<Record<string, unknown>>,
): Limits {
  return [...meanings].map(([name, meaning]) => {
    const value = values[name];
    if (typeof value !== "number" && typeof value !== "bigint") throw new Error(`limit ${name} is no exported number`);
    if (meaning === "") throw new Error(`limit ${name} has no comment`);
    const row = rows[name] as Omit<Limit, "name" | "meaning"> | undefined;
    if (row === undefined) throw new Error(`limit ${name} belongs to nobody: it has no row in LIMITS`);
    return { name, meaning, ...row };
  });
}
