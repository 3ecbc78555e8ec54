import type { Transport } from "@modelcontextprotocol/client";
import type { McpServerConfig } from "../config/server-config.ts";
import type { McpServerLog } from "./status.ts";

/** The way to one server, of which whoever opened it owns what it takes. */
export interface OpenedTransport {
  /** Resolves when its environment is there. Rejects when there is none. */
  readonly placed: Promise<void>;
  /** What stands for its environment; undefined until that is known, and where there is none. */
  readonly place: object | undefined;
  /** The transport, once its process runs. To be asked for once, when it is placed. */
  transport(signal: AbortSignal): Promise<Transport>;
  /** Why the transport is closed, as far as that is known. */
  closeReason(): string | undefined;
  /** End what was started for it. Idempotent. @throws LinkError as `OwnedProcess.end`. */
  end(): Promise<void>;
}

export interface OpenOptions {
  /** Gives up the opening. */
  readonly signal: AbortSignal;
  readonly onLog: (log: Omit<McpServerLog, "serverName">) => void;
}

/** Opens the ways to servers. */
export interface TransportOpener {
  /** Returns at once. */
  open(config: McpServerConfig, options: OpenOptions): OpenedTransport;
}
