import type { Executor, Log } from "@holdfast/executor";
import type { ListenWebSocketOptions } from "@holdfast/rpc/websocket";
import type { Context } from "../command-line/context.ts";
import type { AccessSettings } from "./access-settings.ts";

/** The way by which clients come to an executor, or to what stands in front of one, open. */
export interface Listening {
  /** Where clients find it; undefined where the only one is there already. */
  readonly url: string | undefined;
  /** Resolves when nobody can come any more. */
  readonly ended: Promise<void>;
  /**
   * Read secrets and certificates anew; absent where there are none to read. Whether some are asked for does not change.
   *
   * @throws CommandFailure one of them can't be used; all stay as they are then.
   */
  readonly reload?: (access: AccessSettings) => Promise<void>;
  /** Let nobody in any more, and end the connections. */
  close(): Promise<void>;
  /** Take nobody for now, while who comes waits for whoever holds the socket. Absent: that can't be. */
  pause?(): Promise<PausedListening>;
}

/** Nobody is taken meanwhile. */
export interface PausedListening {
  /** The socket, for another program. */
  readonly fd: number;
  resume(): Promise<void>;
}

/** What a listener works with. */
export interface ListenParts {
  /** What clients come to. */
  readonly executor: Pick<Executor, "accept" | "admission">;
  readonly context: Context;
  readonly log: Log;
  /** Resolves when the program is to end, also while it is not reachable yet. Default never. */
  readonly toldToEnd?: Promise<void> | undefined;
  /** A socket that is bound already, in place of the address. Default: a new one. */
  readonly listener?: number | undefined;
  /** How a websocket listener differs from that of an executor. Default: not at all. */
  readonly differences?: Pick<ListenWebSocketOptions, "routes" | "pongTimeoutMs"> | undefined;
}
