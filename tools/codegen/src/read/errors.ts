import type { ProtocolTables } from "../api.ts";
import { loadData } from "./method-table.ts";

/** Codes that cross the wire, by name. */
export type Errors = Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

export async function loadErrors(root: string, { errors }: ProtocolTables): Promise<Errors> {
  const { ERRORS } = await loadData(root, errors);
  return ERRORS as Errors;
}
