import type { MethodTable, MethodTableRow } from "../read/method-table.ts";

/** The methods of one release. */
export interface ReleaseMethods {
  readonly release: string;
  readonly methods: MethodTable;
  /** Methods that peers know only after both have said so. */
  readonly experimental: readonly string[];
}

/**
 * One table of the methods of several releases, oldest first. A row is that of the newest release that has the method; params that
 * some release can do without may be left out.
 *
 * @throws Error for a method that changed its kind, its sender, or the names of its types.
 */
export function mergeMethods(releases: readonly ReleaseMethods[]): MethodTable {
  const names = [...new Set(releases.toReversed().flatMap(({ methods }) => methods.map(({ method }) => method)))];
  return names.map((name) => merged(name, releases));
}

function merged(name: string, releases: readonly ReleaseMethods[]): MethodTableRow {
  const found = releases.map(({ methods }) => methods.find(({ method }) => method === name));
  const rows = found.filter((row) => row !== undefined);
  const last = found.findLastIndex((row) => row !== undefined);
  const newest = found[last];
  const oldest = rows[0];
  if (newest === undefined || oldest === undefined) throw new Error(`method ${name} is in no release`);
  const params = rows.findLast((row) => row.params !== null)?.params ?? null;
  for (const row of rows) {
    const differs = (["kind", "from", "result"] as const).find((column) => row[column] !== newest[column]);
    if (differs !== undefined || (row.params !== null && row.params !== params)) {
      throw new Error(
        `method ${name} has another ${differs ?? "params"} in release ${row.since} than in ${newest.since}`,
      );
    }
  }
  const isOptional = params !== null && rows.some((row) => row.params === null || row.optionalParams === true);
  return {
    ...newest,
    params,
    since: oldest.since,
    removedIn: releases[last + 1]?.release,
    experimental: releases[last]?.experimental.includes(name) === true,
    ...(isOptional ? { optionalParams: true } : {}),
  };
}
