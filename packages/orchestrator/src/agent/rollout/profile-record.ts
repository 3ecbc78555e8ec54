import type { SandboxPolicy } from "@holdfast/app-server-protocol";

type Entry = Readonly<Record<string, unknown>>;

const READ_ALL: Entry = { path: { type: "special", value: { kind: "root" } }, access: "read" };
/** Folders of a work tree that commands do not write, where they are there. */
const KEPT_FOLDERS = [".git", ".agents", ".codex"];

/**
 * A policy as the permission profile that it stands for. Other programs read that, and fall back to the strictest one without it. Undefined: there is none for the
 * policy.
 *
 * @param cwd - The folder that a workspace is in: a native absolute path.
 */
export function profileRecord(policy: SandboxPolicy, cwd: string): Readonly<Record<string, unknown>> | undefined {
  switch (policy.type) {
    case "dangerFullAccess":
      return { type: "disabled" };
    case "readOnly":
      return managed([READ_ALL], "networkAccess" in policy && policy.networkAccess === true);
    case "workspaceWrite": {
      const members = policy as Extract<SandboxPolicy, { readonly writableRoots?: unknown }>;
      const { writableRoots = [], networkAccess, excludeSlashTmp, excludeTmpdirEnvVar } = members;
      const roots = [cwd, ...writableRoots];
      const entries = [
        READ_ALL,
        ...roots.map((path) => written({ type: "path", path })),
        ...(excludeSlashTmp === true ? [] : [written({ type: "special", value: { kind: "slash_tmp" } })]),
        ...(excludeTmpdirEnvVar === true ? [] : [written({ type: "special", value: { kind: "tmpdir" } })]),
        ...roots.flatMap((root) => KEPT_FOLDERS.map((folder) => kept(`${root}/${folder}`))),
      ];
      return managed(entries, networkAccess === true);
    }
    default:
      return undefined;
  }
}

function managed(entries: readonly Entry[], hasNetwork: boolean): Readonly<Record<string, unknown>> {
  return {
    type: "managed",
    file_system: { type: "restricted", entries },
    network: hasNetwork ? "enabled" : "restricted",
  };
}

function written(path: Entry): Entry {
  return { path, access: "write" };
}

function kept(path: string): Entry {
  return { path: { type: "path", path }, access: "read", missing_path_behavior: "skip" };
}
