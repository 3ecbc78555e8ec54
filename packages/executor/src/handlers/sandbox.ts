import type { FileSystemSandboxContext, ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";

/** The context of a request whose params were decoded: decoding has parsed it. `undefined`: nothing is confined. */
export function contextOf(
  sandbox: FileSystemSandboxContext | null | undefined,
): ParsedFileSystemSandboxContext | undefined {
  return (sandbox ?? undefined) as ParsedFileSystemSandboxContext | undefined;
}
