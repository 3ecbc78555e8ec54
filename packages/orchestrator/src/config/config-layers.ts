import type { ConfigLayerMetadata, ConfigLayerSource } from "@holdfast/app-server-protocol";
import type { TomlTable, TomlValue } from "./toml-document.ts";
import { emptyTable, isTable, merged } from "./toml-values.ts";

/** A part of the configuration. */
export interface ConfigLayer {
  readonly source: ConfigLayerSource;
  readonly version: string;
  readonly table: TomlTable;
  /** Why it has no effect. */
  readonly disabledReason?: string | undefined;
}

/** What layers say together. @param layers - Those that count least first. */
export function effectiveTable(layers: readonly ConfigLayer[]): TomlTable {
  return layers
    .filter(({ disabledReason }) => disabledReason === undefined)
    .reduce<TomlTable>((below, { table }) => merged(below, table), emptyTable());
}

/** By whom each value of the effective configuration is, by its dotted path. @param layers - As {@link effectiveTable}. */
export function originsOf(layers: readonly ConfigLayer[]): Readonly<Record<string, ConfigLayerMetadata>> {
  const origins: Record<string, ConfigLayerMetadata> = {};
  for (const { source, version, table, disabledReason } of layers) {
    if (disabledReason !== undefined) continue;
    for (const path of leafPaths(table as TomlValue, "")) origins[path] = { name: source, version };
  }
  return origins;
}

function leafPaths(value: TomlValue, path: string): readonly string[] {
  const below = (name: string | number): string => (path === "" ? `${name}` : `${path}.${name}`);
  if (Array.isArray(value)) return value.flatMap((each, index) => leafPaths(each, below(index)));
  if (isTable(value)) return Object.entries(value).flatMap(([name, each]) => leafPaths(each, below(name)));
  return [path];
}
