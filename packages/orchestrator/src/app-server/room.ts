import type { AppServerHandlers } from "@holdfast/app-server-protocol/server";
import type { HostCall, HostClient } from "./host-client.ts";

/** Methods of clients by their names. */
export type HostHandlers = AppServerHandlers<HostCall>;

/** A part of the server that serves some of its methods. No method is served by two. */
export interface Room {
  readonly handlers: Partial<HostHandlers>;
  /** A client is ready: it has been answered `initialize`. */
  joined?(client: HostClient): void;
  /** Its connection is gone: what ran for it alone ends. */
  left?(client: HostClient): void;
  /** The server ends. Resolves when nothing of the room is left. Never rejects. */
  close?(): Promise<void>;
}
