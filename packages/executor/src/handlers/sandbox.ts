import { statSync } from "node:fs";
import type { ProcessStartParams } from "@holdfast/exec-server-protocol";
import type { FileSystemSandboxContext, ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import { type ManagedNetworkAccess, SandboxError, type SandboxIntent } from "@holdfast/sandbox";
import type { SpawnRequest } from "../process/index.ts";

/** The context of a request whose params were decoded: decoding has parsed it. `undefined`: nothing is confined. */
export function contextOf(
  sandbox: FileSystemSandboxContext | null | undefined,
): ParsedFileSystemSandboxContext | undefined {
  return (sandbox ?? undefined) as ParsedFileSystemSandboxContext | undefined;
}

/**
 * What a start asks to be confined to.
 *
 * @param access - To a proxy of this executor, which is used instead of one of the client's.
 * @throws SandboxError for a folder that has no spelling as text.
 */
export function intentOf(
  params: ProcessStartParams,
  context: ParsedFileSystemSandboxContext,
  { argv, arg0, cwd, env }: SpawnRequest,
  access?: ManagedNetworkAccess,
): SandboxIntent {
  const folder = cwd.toString("utf8");
  if (!Buffer.from(folder).equals(cwd)) throw new SandboxError("invalid", "the name of `cwd` is not UTF-8");
  return {
    context,
    argv,
    arg0,
    cwd: folder,
    env,
    tty: params.tty,
    enforceManagedNetwork: params.enforceManagedNetwork ?? false,
    managedNetwork: access ?? managedNetworkOf(params),
    runtimeRoots: params.enforceManagedNetwork === true ? trustedBundles(params.env) : [],
  };
}

function managedNetworkOf({ managedNetwork }: ProcessStartParams): SandboxIntent["managedNetwork"] {
  if (managedNetwork === undefined || managedNetwork === null) return undefined;
  const { loopbackPorts, allowLocalBinding } = managedNetwork;
  return { loopbackPorts: loopbackPorts ?? [], allowLocalBinding: allowLocalBinding ?? false };
}

/** Certificates that the owner of the proxy wants trusted: a file in a folder of its proxy's, by the name that only it sets. */
function trustedBundles({ CODEX_CA_CERTIFICATE: path }: Readonly<Record<string, string>>): readonly string[] {
  if (path === undefined || !/^\/(?:.*\/)?proxy\/[^/]+$/.test(path)) return [];
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? [path] : [];
}
