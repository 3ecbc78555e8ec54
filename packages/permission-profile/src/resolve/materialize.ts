import { conventionOf } from "@holdfast/path-uri";
import { globOf, WORKSPACE_GLOB_PREFIX } from "../glob/glob-start.ts";
import type { ParsedFileSystemSandboxEntry } from "../parse/parsed-types.ts";
import type { FileSystemPolicy } from "../policy/file-system-policy.ts";
import type { PolicyBinding } from "./policy-binding.ts";
import { resolveEntries } from "./resolve-entries.ts";

/** Replace every entry and pattern that hangs on the workspace roots by one for each root, in the order of the roots. */
export function materializeWorkspaceRoots(policy: FileSystemPolicy, binding: PolicyBinding): FileSystemPolicy {
  return withEachEntry(policy, (entry) => {
    const { path } = entry;
    if (path.type === "glob_pattern") return workspaceGlobs(entry, path.pattern, binding);
    return path.type === "special" && path.value.kind === "project_roots" ? literalEntries(entry, binding) : [entry];
  });
}

/** Also replace the temporary folders; then only `root`, `minimal` and unknown places are symbolic. */
export function materialize(policy: FileSystemPolicy, binding: PolicyBinding): FileSystemPolicy {
  return withEachEntry(materializeWorkspaceRoots(policy, binding), (entry) => {
    const kind = entry.path.type === "special" ? entry.path.value.kind : undefined;
    return kind === "tmpdir" || kind === "slash_tmp" ? literalEntries(entry, binding) : [entry];
  });
}

type Expand = (entry: ParsedFileSystemSandboxEntry) => readonly ParsedFileSystemSandboxEntry[];

function withEachEntry(policy: FileSystemPolicy, expand: Expand): FileSystemPolicy {
  return policy.kind === "restricted" ? { ...policy, entries: policy.entries.flatMap(expand) } : policy;
}

function literalEntries(entry: ParsedFileSystemSandboxEntry, binding: PolicyBinding): ParsedFileSystemSandboxEntry[] {
  const resolved = resolveEntries({ kind: "restricted", entries: [entry] }, binding);
  return resolved.map(({ path, access, skipIfMissing }) => ({
    path: { type: "path", path },
    access,
    ...(skipIfMissing ? { missing_path_behavior: "skip" } : {}),
  }));
}

function workspaceGlobs(
  entry: ParsedFileSystemSandboxEntry,
  pattern: string,
  binding: PolicyBinding,
): ParsedFileSystemSandboxEntry[] {
  if (!pattern.startsWith(WORKSPACE_GLOB_PREFIX)) return [entry];
  const roots = binding.workspaceRoots.filter((root) => conventionOf(root) === binding.convention);
  const rest = pattern.slice(WORKSPACE_GLOB_PREFIX.length);
  return roots.map((root) => ({ ...entry, path: { type: "glob_pattern", pattern: `${globOf(root)}${rest}` } }));
}
