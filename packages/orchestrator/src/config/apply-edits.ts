import type { ConfigEdit } from "@holdfast/app-server-protocol";
import { invalidChange } from "./config-error.ts";
import { parseKeyPath } from "./key-path.ts";
import { CONFIG_EDITS_MAX } from "./limits.ts";
import type { TomlTable, TomlValue } from "./toml-document.ts";
import { emptyTable, isTable, memberOf, merged, type OpenTable, tomlOf } from "./toml-values.ts";

/** Whether they are too many is asked once. @throws ConfigWriteError */
export function checkEdits(edits: readonly ConfigEdit[]): void {
  if (edits.length > CONFIG_EDITS_MAX) throw invalidChange(`a write must not have more than ${CONFIG_EDITS_MAX} edits`);
}

/**
 * What a configuration says after some changes: a value in the place of another, or, as `upsert`, a table laid over another. Null takes a member out.
 *
 * @throws ConfigWriteError
 */
export function withEdits(root: TomlTable, edits: readonly ConfigEdit[]): TomlTable {
  let result = root;
  for (const { keyPath, value, mergeStrategy } of edits) {
    const names = parseKeyPath(keyPath);
    result =
      value === null || value === undefined
        ? withoutMember(result, names)
        : withMember(result, names, tomlOf(value), mergeStrategy === "upsert");
  }
  return result;
}

function withMember(
  table: TomlTable,
  [name = "", ...rest]: readonly string[],
  value: TomlValue,
  isUpsert: boolean,
): TomlTable {
  const before = memberOf(table, name);
  if (rest.length > 0) {
    if (before !== undefined && !isTable(before)) throw invalidChange("cannot set value on non-table parent");
    return put(table, name, withMember(isTable(before) ? before : emptyTable(), rest, value, isUpsert));
  }
  return put(table, name, isUpsert && isTable(before) && isTable(value) ? merged(before, value) : value);
}

function withoutMember(table: TomlTable, [name = "", ...rest]: readonly string[]): TomlTable {
  const before = memberOf(table, name);
  if (before === undefined) return table;
  if (rest.length === 0) {
    const copy = copyOf(table);
    delete copy[name];
    return copy;
  }
  return isTable(before) ? put(table, name, withoutMember(before, rest)) : table;
}

function put(table: TomlTable, name: string, value: TomlValue): TomlTable {
  const copy = copyOf(table);
  copy[name] = value;
  return copy;
}

function copyOf(table: TomlTable): OpenTable {
  return Object.assign(emptyTable(), table);
}
