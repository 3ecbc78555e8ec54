import { statSync } from "node:fs";
import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import { SandboxError, type SandboxIntent } from "@holdfast/sandbox";
import type { StartRequest } from "./start-request.ts";

/**
 * What a start asks to be confined to, for the files as they are now.
 *
 * @throws SandboxError for a folder that has no spelling as text.
 */
export function sandboxIntent(request: StartRequest, context: ParsedFileSystemSandboxContext): SandboxIntent {
  const { argv, arg0, cwd, env, tty, enforceManagedNetwork, managedNetwork, certificateBundle } = request;
  const folder = cwd.toString("utf8");
  if (!Buffer.from(folder).equals(cwd)) throw new SandboxError("invalid", "the name of `cwd` is not UTF-8");
  return {
    context,
    argv,
    arg0,
    cwd: folder,
    env,
    tty,
    enforceManagedNetwork,
    managedNetwork,
    runtimeRoots: enforceManagedNetwork && isFile(certificateBundle) ? [certificateBundle] : [],
  };
}

function isFile(path: string | undefined): path is string {
  return path !== undefined && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
