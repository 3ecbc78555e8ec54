import type { ParsedFileSystemSandboxEntry } from "../parse/parsed-types.ts";
import { entryTarget } from "../policy/entry-target.ts";
import type { FileSystemPolicy } from "../policy/file-system-policy.ts";

const ROOT_WRITE: ParsedFileSystemSandboxEntry = {
  path: { type: "special", value: { kind: "root" } },
  access: "write",
};

/**
 * What becomes of `next` when it takes the place of a policy whose deny entries have to outlive it: they are appended, an
 * unrestricted policy becomes `root` write with them, and their scan depth is kept where `next` has none. An external policy
 * stays as it is, because its enforcer is not ours to instruct.
 */
export function preserveDenies(previous: FileSystemPolicy, next: FileSystemPolicy): FileSystemPolicy {
  const denies = previous.kind === "restricted" ? previous.entries.filter(({ access }) => access === "deny") : [];
  if (previous.kind !== "restricted" || denies.length === 0 || next.kind === "external") return next;
  const entries = next.kind === "restricted" ? next.entries : [ROOT_WRITE];
  const depth = (next.kind === "restricted" ? next.globScanMaxDepth : undefined) ?? previous.globScanMaxDepth;
  const known = new Set(entries.filter(({ access }) => access === "deny").map(({ path }) => entryTarget(path)));
  return {
    kind: "restricted",
    entries: [...entries, ...denies.filter(({ path }) => !known.has(entryTarget(path)))],
    ...(depth === undefined ? {} : { globScanMaxDepth: depth }),
  };
}
