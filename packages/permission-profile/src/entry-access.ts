import type { AccessDecision } from "./access-decision.ts";
import type { BoundPolicy } from "./bound-policy.ts";
import { protectedName } from "./protected-metadata.ts";

/** What the entries and the protected names say about the path with these names; deny patterns are left out. */
export function accessByEntries(bound: BoundPolicy, names: readonly string[]): AccessDecision {
  const hit = bound.entries.deepest(names);
  if (hit === undefined) return { access: "deny", rule: { kind: "unmatched" } };
  const { entry, index, path, access } = hit.value;
  // A writable root further out protects its own names too, but the entry found here lies inside them and reopens them.
  const name = protectedName(names[hit.depth]);
  if (access !== "write" || name === undefined || bound.hasFullDiskWrite) {
    return { access, rule: { kind: "entry", entry, index, path } };
  }
  return { access: "read", rule: { kind: "protected-metadata", root: path, name } };
}
