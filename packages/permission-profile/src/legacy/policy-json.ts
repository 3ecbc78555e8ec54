import { parseWith } from "../parse/parse.ts";
import { isRecord } from "../parse/wire-schema.ts";
import { PermissionProfileError } from "../permission-profile-error.ts";
import type { SandboxPolicy } from "./sandbox-policy.ts";
import { sandboxPolicySchema } from "./sandbox-policy-schema.ts";

/** How a legacy policy is spelled: `core` in stored files, `app-v2` in the second version of the application API. */
export type SandboxPolicySpelling = "core" | "app-v2";

/** Words of the application API and those of stored files. */
const TYPES = [
  ["dangerFullAccess", "danger-full-access"],
  ["readOnly", "read-only"],
  ["externalSandbox", "external-sandbox"],
  ["workspaceWrite", "workspace-write"],
] as const;
const MEMBERS = [
  ["networkAccess", "network_access"],
  ["writableRoots", "writable_roots"],
  ["excludeTmpdirEnvVar", "exclude_tmpdir_env_var"],
  ["excludeSlashTmp", "exclude_slash_tmp"],
] as const;
const REMOVED = [
  ["readOnly", "access"],
  ["workspaceWrite", "readOnlyAccess"],
] as const;

/**
 * Read a legacy policy in either spelling; the type word decides which.
 *
 * @throws PermissionProfileError that names the rule and the member, also for members that once limited reading.
 */
export function parseSandboxPolicy(value: unknown): SandboxPolicy {
  if (!isRecord(value)) return parseWith(sandboxPolicySchema, value);
  const type = TYPES.find(([app]) => app === value.type);
  if (type === undefined) return parseWith(sandboxPolicySchema, value);
  for (const [app, member] of REMOVED) {
    if (type[0] === app && value[member] !== undefined) {
      const reason = `${app}.${member} is no longer supported; use permissionProfile for restricted reads`;
      throw new PermissionProfileError(reason, [member]);
    }
  }
  const core: Record<string, unknown> = { type: type[1] };
  for (const [app, member] of MEMBERS) if (value[app] !== undefined) core[member] = value[app];
  return parseWith(sandboxPolicySchema, core);
}

/** The JSON of a legacy policy with every default written out; `core` leaves out `writable_roots` where there are none. */
export function sandboxPolicyToJson(policy: SandboxPolicy, spelling: SandboxPolicySpelling): Record<string, unknown> {
  const core = withDefaults(policy);
  if (spelling === "core") {
    const hasRoots = !Array.isArray(core.writable_roots) || core.writable_roots.length > 0;
    return Object.fromEntries(Object.entries(core).filter(([member]) => member !== "writable_roots" || hasRoots));
  }
  const type = TYPES.find(([, word]) => word === policy.type)?.[0];
  const members = MEMBERS.flatMap(([app, member]) => (member in core ? [[app, core[member]]] : []));
  return { type, ...Object.fromEntries(members) };
}

function withDefaults(policy: SandboxPolicy): Record<string, unknown> {
  switch (policy.type) {
    case "danger-full-access":
      return { type: policy.type };
    case "read-only":
      return { type: policy.type, network_access: policy.network_access ?? false };
    case "external-sandbox":
      return { type: policy.type, network_access: policy.network_access ?? "restricted" };
    case "workspace-write":
      return {
        type: policy.type,
        writable_roots: policy.writable_roots ?? [],
        network_access: policy.network_access ?? false,
        exclude_tmpdir_env_var: policy.exclude_tmpdir_env_var ?? false,
        exclude_slash_tmp: policy.exclude_slash_tmp ?? false,
      };
  }
}
