import { type PathUri, pathUrisEqual, startsWith } from "@holdfast/path-uri";
import {
  deniedRoots,
  type FileSystemPolicy,
  fileSystemPolicyOf,
  hasFullDiskRead,
  type PolicyBinding,
  type WritableRoot,
  writableRoots,
} from "@holdfast/permission-profile";
import type { SandboxIntent } from "../intent.ts";
import { SandboxError } from "../sandbox-error.ts";

type Backend = "elevated" | "unelevated restricted-token";

/**
 * Why an intent does not run on Windows: by the limits of the backend it asks for where it exceeds them, else because no backend
 * is here at all. There is always a reason, so nothing runs unconfined. Looks at nothing but its arguments.
 */
export function windowsRefusal(intent: SandboxIntent, binding: PolicyBinding): SandboxError {
  return new SandboxError("unenforceable", reasonOf(intent, binding));
}

const NO_BACKEND = "sandbox intent cannot be enforced on this executor";

function reasonOf(intent: SandboxIntent, binding: PolicyBinding): string {
  const policy = fileSystemPolicyOf(intent.context.permissions);
  switch (intent.context.windowsSandboxLevel) {
    case "disabled":
      return NO_BACKEND;
    case "mxc":
      return intent.arg0 === undefined
        ? "native MXC is unavailable on this executor"
        : "MXC custom argv0 is not supported";
    case "elevated":
      return beyondElevated(policy, binding) ?? NO_BACKEND;
    case "restricted-token":
      if (intent.enforceManagedNetwork === true) {
        return "managed networking requires the elevated Windows sandbox backend";
      }
      return beyondRestrictedToken(policy, binding) ?? NO_BACKEND;
  }
}

function beyondElevated(policy: FileSystemPolicy, binding: PolicyBinding): string | undefined {
  return reopens(writableRoots(policy, binding)) ? reopeningRefused("elevated") : undefined;
}

function beyondRestrictedToken(policy: FileSystemPolicy, binding: PolicyBinding): string | undefined {
  const roots = writableRoots(policy, binding);
  if (hasDenies(policy, binding)) return tokenRefuses("deny-read restrictions");
  if (!hasFullDiskRead(policy)) return tokenRefuses("split filesystem read restrictions");
  if (reopens(roots)) return reopeningRefused("unelevated restricted-token");
  return isLegacySet(roots, binding.cwd) ? undefined : tokenRefuses("split writable root sets");
}

function hasDenies(policy: FileSystemPolicy, binding: PolicyBinding): boolean {
  if (policy.kind !== "restricted") return false;
  const hasGlob = policy.entries.some(({ path }) => path.type === "glob_pattern");
  return hasGlob || deniedRoots(policy, binding).length > 0;
}

/** Is a folder writable inside one that is closed inside a writable one? */
function reopens(roots: readonly WritableRoot[]): boolean {
  const closed = roots.flatMap(({ readOnlySubpaths }) => readOnlySubpaths);
  return roots.some(({ root }) => closed.some((path) => startsWith(root, path)));
}

/** The older model writes nowhere, or in the policy's folder and places besides it. */
function isLegacySet(roots: readonly WritableRoot[], cwd: PathUri | undefined): boolean {
  return roots.length === 0 || (cwd !== undefined && roots.some(({ root }) => pathUrisEqual(root, cwd)));
}

function reopeningRefused(backend: Backend): string {
  return `windows ${backend} sandbox cannot reopen writable descendants under read-only carveouts directly; refusing to run unsandboxed`;
}

function tokenRefuses(what: string): string {
  return `windows unelevated restricted-token sandbox cannot enforce ${what} directly; refusing to run unsandboxed`;
}
