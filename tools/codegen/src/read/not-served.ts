import type { ProtocolTables } from "../api.ts";
import { loadData, type MethodTable, rowsOf } from "./method-table.ts";

/** Methods that a server knows and does not serve, for one reason. */
export interface NotServed {
  readonly reason: string;
  readonly methods: readonly string[];
}

/** @throws Error for a method that is no request of clients, or is there twice. */
export async function loadNotServed(
  root: string,
  { notServed: path }: Pick<ProtocolTables, "notServed">,
  methods: MethodTable,
): Promise<readonly NotServed[]> {
  if (path === undefined) return [];
  const { NOT_SERVED } = await loadData(root, path);
  const groups = NOT_SERVED as readonly NotServed[];
  const requests = new Set(rowsOf(methods, "request", "client").map(({ method }) => method));
  const seen = new Set<string>();
  for (const method of groups.flatMap((group) => group.methods)) {
    if (!requests.has(method)) throw new Error(`${path}: ${method} is no request of clients`);
    if (seen.has(method)) throw new Error(`${path}: ${method} is there twice`);
    seen.add(method);
  }
  return groups;
}
