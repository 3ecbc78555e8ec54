import {
  isPathUriError,
  type NativeTarget,
  type PathUri,
  pathUriFromNative,
  toNativeBytes,
  toNativePath,
} from "@holdfast/path-uri";
import {
  bindContext,
  type FileSystemAccessMode,
  type FileSystemPolicy,
  isPermissionProfileError,
  type PolicyBinding,
  type RestrictedFileSystemPolicy,
  resolveEntries,
} from "@holdfast/permission-profile";
import type { SandboxIntent } from "../intent.ts";
import type { FileView, Machine } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";

/** What an entry says about one path of this machine. */
export interface NativeRule {
  readonly path: string;
  readonly access: FileSystemAccessMode;
}

/** What programs need to run at all: what `minimal` means on Linux. */
export const PLATFORM_ROOTS = [
  "/bin",
  "/sbin",
  "/usr",
  "/etc",
  "/lib",
  "/lib64",
  "/nix/store",
  "/run/current-system/sw",
] as const;

const TARGET: NativeTarget = "linux";

/**
 * Bind the symbolic places of an intent to this machine. Nothing comes from the environment of the command.
 *
 * @throws SandboxError `invalid` for a directory or a workspace root of another operating system.
 */
export function bindIntent(intent: SandboxIntent, machine: Machine, files: FileView): PolicyBinding {
  const binding = bindContext(intent.context, {
    convention: "posix",
    fallbackCwd: pathUriFromNative(intent.cwd, "posix"),
    home: uriOrUndefined(machine.home),
    tmpdir: [uriOrUndefined(machine.tmpdir)].filter((uri) => uri !== undefined),
    slashTmp: isFolder("/tmp", files) ? pathUriFromNative("/tmp", "posix") : undefined,
    platformRoots: PLATFORM_ROOTS.filter((root) => files.kindOf(root) !== undefined).map((root) =>
      pathUriFromNative(root, "posix"),
    ),
  });
  if (binding.cwd !== undefined) nativeOf(binding.cwd, "invalid sandbox policy cwd");
  for (const root of binding.workspaceRoots) nativeOf(root, "invalid sandbox workspace root");
  return binding;
}

/**
 * What the entries of a policy say about paths of this machine, in their order; entries about missing paths that are to be
 * skipped are left out.
 *
 * @throws SandboxError `invalid` for a literal path of another operating system, and for one that is not UTF-8.
 */
export function nativeRules(policy: RestrictedFileSystemPolicy, binding: PolicyBinding, files: FileView): NativeRule[] {
  for (const { path } of policy.entries) {
    if (path.type === "path") nativeOf(path.path, "invalid sandbox permission path");
  }
  const rules: NativeRule[] = [];
  for (const { path: uri, access, skipIfMissing } of resolved(policy, binding)) {
    const path = nativeOf(uri, "invalid sandbox permission path");
    if (!skipIfMissing || files.kindOf(path) !== undefined) rules.push({ path, access });
  }
  return rules;
}

function resolved(policy: FileSystemPolicy, binding: PolicyBinding): ReturnType<typeof resolveEntries> {
  try {
    return resolveEntries(policy, binding);
  } catch (error) {
    throw isPermissionProfileError(error) ? new SandboxError("invalid", error.message, { cause: error }) : error;
  }
}

function nativeOf(uri: PathUri, what: string): string {
  try {
    return toNativePath(uri, TARGET);
  } catch (error) {
    if (!isPathUriError(error)) throw error;
    const reason = isNativeInBytes(uri) ? `'${uri}' is not UTF-8, which no sandbox here can take` : error.message;
    throw new SandboxError("invalid", `${what}: ${reason}`, { cause: error });
  }
}

function isNativeInBytes(uri: PathUri): boolean {
  try {
    return !toNativeBytes(uri).includes(0);
  } catch (error) {
    if (isPathUriError(error)) return false;
    throw error;
  }
}

function uriOrUndefined(path: string | undefined): PathUri | undefined {
  return path?.startsWith("/") ? pathUriFromNative(path, "posix") : undefined;
}

function isFolder(path: string, files: FileView): boolean {
  const real = files.realpath(path);
  return real !== undefined && files.kindOf(real) === "directory";
}
