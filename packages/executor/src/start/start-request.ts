import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { ManagedNetworkAccess, NetworkProxyConfig } from "@holdfast/sandbox";
import type { SpawnRequest } from "../process/index.ts";

/** What a start asks for, in native terms. */
export interface StartRequest extends Pick<SpawnRequest, "argv" | "arg0" | "cwd" | "env" | "serial"> {
  readonly tty: boolean;
  /** Behind pipes: `null` gives the child an immediate end of file. */
  readonly input: "pipe" | "null";
  /** What the command is confined to. Absent: to nothing. */
  readonly sandbox: ParsedFileSystemSandboxContext | undefined;
  /** A proxy that runs beside the command, for as long as it does. */
  readonly networkProxy: NetworkProxyConfig | undefined;
  /** The command may reach the network through a proxy only. */
  readonly enforceManagedNetwork: boolean;
  /** What the client runs itself for that. */
  readonly managedNetwork: ManagedNetworkAccess | undefined;
  /** File of certificates, absolute, that the owner of a proxy wants the command to trust. */
  readonly certificateBundle: string | undefined;
}
