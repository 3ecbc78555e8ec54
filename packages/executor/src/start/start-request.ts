import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { ManagedNetworkAccess, NetworkProxyConfig } from "@holdfast/sandbox";
import type { ProcessOwner, SpawnRequest, SpawnTerms } from "../process/index.ts";

/** Another user to run as. */
export interface RequestedUser {
  /** Or the id in digits. */
  readonly name: string;
  /** Variables that the client has set itself: they stay as they are. */
  readonly given: ReadonlySet<string>;
}

/** What a start asks for, in native terms. */
export interface StartRequest
  extends Pick<SpawnRequest, "argv" | "arg0" | "cwd" | "env">,
    Pick<SpawnTerms, "tty" | "terminalSize" | "input"> {
  /** Whom it runs as. Absent: the executor's own user. */
  readonly user: RequestedUser | undefined;
  /** What the command is confined to. Absent: to nothing. */
  readonly sandbox: ParsedFileSystemSandboxContext | undefined;
  /** A proxy that runs beside the command, for as long as it does. */
  readonly networkProxy: NetworkProxyConfig | undefined;
  /** The command may reach the network through a proxy only. */
  readonly enforceManagedNetwork: boolean;
  /** What is run for that: by the client, or beside the command. */
  readonly managedNetwork: ManagedNetworkAccess | undefined;
  /** File of certificates, absolute, that the owner of a proxy wants the command to trust. */
  readonly certificateBundle: string | undefined;
}

/** The same, once its process has an owner. Starts of one owner come in order, and owners take turns. */
export interface OwnedStart extends StartRequest, SpawnTerms {
  readonly owner: ProcessOwner;
}
