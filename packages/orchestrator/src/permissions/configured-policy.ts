import type { SandboxPolicy } from "@holdfast/app-server-protocol";
import type { TomlTable } from "../config/toml-document.ts";
import { flagOf, TomlShapeError, tableOf, textOf, textsOf } from "../config/toml-shape.ts";

const ROOM = "sandbox_workspace_write";

/**
 * The policy that a configuration has for commands where nobody says otherwise: that of its `sandbox_mode`. Without any it is reading alone.
 *
 * @throws TomlShapeError - A member is none of what it may be.
 */
export function configuredPolicy(config: TomlTable): SandboxPolicy {
  return policyOfMode(textOf(config.sandbox_mode ?? "read-only", ["sandbox_mode"]), config);
}

/** The policy of a mode; that of `workspace-write` as `[sandbox_workspace_write]` says. @throws TomlShapeError - As `configuredPolicy`. */
export function policyOfMode(mode: string, config: TomlTable): SandboxPolicy {
  switch (mode) {
    case "read-only":
      return { type: "readOnly", networkAccess: false };
    case "workspace-write":
      return workspaceWrite(config);
    case "danger-full-access":
      return { type: "dangerFullAccess" };
    default: {
      const words = "expected one of `read-only`, `workspace-write`, `danger-full-access`";
      throw new TomlShapeError(`unknown variant \`${mode}\`, ${words}`, ["sandbox_mode"]);
    }
  }
}

function workspaceWrite(config: TomlTable): SandboxPolicy {
  const table = tableOf(config[ROOM] ?? {}, [ROOM]);
  const flag = (member: string): boolean => flagOf(table[member] ?? false, [ROOM, member]);
  return {
    type: "workspaceWrite",
    writableRoots: [...textsOf(table.writable_roots ?? [], [ROOM, "writable_roots"])],
    networkAccess: flag("network_access"),
    excludeTmpdirEnvVar: flag("exclude_tmpdir_env_var"),
    excludeSlashTmp: flag("exclude_slash_tmp"),
  };
}
