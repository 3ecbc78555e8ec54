import { pathUriFromNative } from "@holdfast/path-uri";
import { parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { SandboxIntent } from "../../src/index.ts";

/** An entry as on the wire, written short. */
export type Entry = Record<string, unknown>;

export function special(kind: string, access: string, subpath?: string): Entry {
  return {
    path: { type: "special", value: { kind, ...(subpath === undefined ? {} : { subpath }) } },
    access,
  };
}

export function literal(path: string, access: string, more: Entry = {}): Entry {
  return {
    path: { type: "path", path: path.startsWith("file:") ? path : pathUriFromNative(path, "posix") },
    access,
    ...more,
  };
}

export function glob(pattern: string): Entry {
  return { path: { type: "glob_pattern", pattern }, access: "deny" };
}

export const ROOT_READ = special("root", "read");

/** The protective entries that clients send along with a writable workspace. */
export const PROTECTED: readonly Entry[] = [".git", ".agents", ".codex", ".aws"].map((name) => ({
  ...special("project_roots", "read", name),
  missing_path_behavior: "skip",
}));

export const WORKSPACE_WRITE: readonly Entry[] = [
  ROOT_READ,
  special("project_roots", "write"),
  special("slash_tmp", "write"),
  special("tmpdir", "write"),
  ...PROTECTED,
];

export function managed(entries: readonly Entry[], network = "restricted", depth?: number): Entry {
  return {
    type: "managed",
    network,
    file_system: { type: "restricted", entries, ...(depth === undefined ? {} : { glob_scan_max_depth: depth }) },
  };
}

/** A command in a workspace. */
export function intentFor(
  permissions: Entry,
  workspace: string,
  more: Partial<Omit<SandboxIntent, "context">> & { readonly context?: Entry } = {},
): SandboxIntent {
  const { context, ...rest } = more;
  const uri = pathUriFromNative(workspace, "posix");
  const wire = { permissions, cwd: uri, workspaceRoots: [uri], windowsSandboxLevel: "disabled", ...context };
  return {
    argv: ["true"],
    cwd: workspace,
    env: { PATH: "/usr/bin:/bin" },
    ...rest,
    context: parseFileSystemSandboxContext(wire),
  };
}
