import type { ThreadResumeResponse } from "@holdfast/app-server-protocol";

/** What became of a thread whose notices this client received, after a reconnect. */
export type ThreadAfterReconnect =
  /** It is received again. `resumed` is the server's answer to `thread/resume`: its turns tell what happened meanwhile. */
  | { readonly threadId: string; readonly outcome: "resumed"; readonly resumed: ThreadResumeResponse }
  /**
   * It is not, for this reason: it was never written to disk, the server forgot it, or gave no answer that can be used. A turn of it would not be heard
   * of: it rejects with `LostThreadError`.
   */
  | { readonly threadId: string; readonly outcome: "lost"; readonly error: Error };

/** What became of a watch of `fs/watch`, after a reconnect. */
export type WatchAfterReconnect =
  /** It watches again; changes in between were not reported. */
  | { readonly watchId: string; readonly outcome: "watching" }
  | { readonly watchId: string; readonly outcome: "lost"; readonly error: Error };

/** What happens to the connection of a client. */
export type ConnectionEvent =
  /**
   * The connection is gone. Commands of `command/exec` and processes of `process/spawn` ended with it. Calls in flight that may not be repeated
   * reject with `LinkError` `closed`; others wait for the next connection.
   */
  | { readonly kind: "lost"; readonly reason: string; readonly willReconnect: boolean }
  /**
   * There is a new one. Every notice that was sent between `lost` and now is missing: of these threads and watches, and those that go to all
   * clients. What comes after this event is complete again.
   */
  | {
      readonly kind: "reconnected";
      /** Time without a connection, milliseconds. */
      readonly outageMs: number;
      readonly threads: readonly ThreadAfterReconnect[];
      readonly watches: readonly WatchAfterReconnect[];
      /** Handles of the processes of `process/spawn` that ended with the old connection, without `process/exited`. */
      readonly endedProcesses: readonly string[];
    }
  /** The client is of no more use: by `close()`, or because there is no way to reconnect. */
  | { readonly kind: "closed"; readonly reason: string; readonly initiator: "local" | "remote" | "fault" };
