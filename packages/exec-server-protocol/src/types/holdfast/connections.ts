import type { PathUri } from "@holdfast/path-uri";
import type { EmptyResult } from "../json.ts";

/*
 * An extension of this project: connections of the executor's machine. Whoever drives an executor may start a program that
 * connects, so this is no new right; it spares the program. Needs the capability `holdfastConnections`.
 */

/**
 * Opens a TCP connection, which is a process to the client: what the far side sends is its `stdout`, `process/write` sends to the far
 * side, `holdfast/closeStdin` says that nothing more is sent. `process/exited` with 0 says that the far side sends no more, and
 * what is written still reaches it; `process/closed` that both directions are over. A connection that breaks says why on `stderr` and
 * exits with 1; `process/terminate` ends it with 137, whatever is still open, and the far side sees a reset.
 *
 * It is held, read again, resumed and forgotten like any process, and sooner where a session has 4,096 that are closed, or 64 MiB of their output. While no client is connected, nothing is read from the far side. It
 * takes no signals.
 *
 * A session has at most 256 that are not closed. A refusal names the system's error in `HoldfastFaultData`: `ECONNREFUSED`,
 * `ETIMEDOUT`, `EHOSTUNREACH`, …, or `ENOTFOUND` for a name without an address.
 */
export interface HoldfastOpenConnectionParams {
  /** Chosen by the client, any text. Unique among the processes that the session still knows. */
  processId: string;
  /** An IP address, or a name that the executor's machine knows. */
  host: string;
  /**
   * 1 to 65,535.
   *
   * @format uint16
   */
  port: number;
}

export type HoldfastOpenConnectionResult = EmptyResult;

/**
 * As `holdfast/openConnection`, to a unix socket. Needs the capability `holdfastListeners`. Of a refusal, `code` is `ENOENT`, `EACCES`,
 * `ECONNREFUSED`, ….
 */
export interface HoldfastOpenSocketParams {
  /** Chosen by the client, any text. Unique among the processes that the session still knows. */
  processId: string;
  /** Of the socket. */
  path: PathUri;
}

export type HoldfastOpenSocketResult = EmptyResult;
