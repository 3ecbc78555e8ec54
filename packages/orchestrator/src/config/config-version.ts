import { createHash } from "node:crypto";
import type { TomlTable, TomlValue } from "./toml-document.ts";
import { jsonOf } from "./toml-values.ts";

/** Names what a configuration says, whatever its order and comments: `sha256:` and the digest of its JSON with sorted members. */
export function configVersion(root: TomlTable): string {
  return `sha256:${createHash("sha256")
    .update(JSON.stringify(sorted(jsonOf(root as TomlValue))))
    .digest("hex")}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
