import { type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxContext, ParsedPermissionProfile } from "@holdfast/permission-profile";

/** The profile together with the places on this machine that its symbolic entries mean. Paths are absolute. */
export function confinementContext(
  permissions: ParsedPermissionProfile,
  { cwd, roots }: { readonly cwd: string; readonly roots: readonly string[] },
): ParsedFileSystemSandboxContext {
  return {
    permissions,
    cwd: uri(cwd),
    workspaceRoots: roots.map(uri),
    windowsSandboxLevel: "disabled",
  };
}

function uri(path: string): PathUri {
  return pathUriFromNative(path, "posix");
}
