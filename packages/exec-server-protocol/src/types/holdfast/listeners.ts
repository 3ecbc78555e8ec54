import type { PathUri } from "@holdfast/path-uri";
import type { EmptyResult } from "../json.ts";

/*
 * An extension of this project: listeners of the executor's machine. Whoever drives an executor may start a program that listens, so
 * this is no new right; it spares the program. Needs the capability `holdfastListeners`.
 *
 * A listener belongs to a session: it is there while no client is connected, and ends with it. What connects meanwhile waits, up to
 * 256 connections for each listener; one more is reset. A session has at most 32 listeners.
 */

/**
 * Listens on `host` and `port` by TCP, or on a unix socket at `path`: the one or the other.
 *
 * Done twice with the same parameters it changes nothing, and is answered the same. A socket is for its owner alone (mode 0600), its folder must be
 * one where no other user could replace it, and one that is there and answers nobody is replaced. A refusal names the system's error in
 * `HoldfastFaultData`: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, ….
 */
export interface HoldfastListenParams {
  /** Chosen by the client, any text. Unique among the listeners of the session. */
  listenerId: string;
  /** An IP address of the executor's machine, or `localhost`. Default `127.0.0.1`. */
  host?: string | null;
  /**
   * 0: any that is free. Default 0.
   *
   * @format uint16
   */
  port?: number | null;
  /** Of a unix socket. */
  path?: PathUri | null;
  /** Whether `host` may be an address that other machines reach. Default false: such an address is refused. */
  otherMachines?: boolean | null;
}

/** Where it listens. */
export interface HoldfastListenResult {
  /** Absent for a unix socket. */
  host?: string;
  /**
   * Absent for a unix socket.
   *
   * @format uint16
   */
  port?: number;
}

/**
 * Waits for the next connection, which becomes a process of the client as if `holdfast/openConnection` had opened it.
 *
 * May be asked many times at once; a listener has at most 64 of them, and one more answers the oldest at once. It is not answered with one
 * while the session has as many connections as it may. Asked again with the id of a connection that this listener has given already, it is answered
 * with that one: so it can be repeated after a lost line.
 */
export interface HoldfastAcceptConnectionParams {
  /** One that there is not, or no more, is refused. */
  listenerId: string;
  /** The id that the connection gets, chosen by the client, any text. Unique among the processes that the session still knows. */
  processId: string;
  /**
   * Milliseconds to wait, 30,000 at most. Default 0.
   *
   * @format uint64
   */
  waitMs?: number | null;
}

export interface HoldfastAcceptConnectionResult {
  /** Absent or null: nobody has connected yet, and the id is free. */
  connection?: HoldfastAcceptedConnection | null;
}

export interface HoldfastAcceptedConnection {
  /** It was given before: what it did meanwhile may not have been told on this line. Read it. */
  isKnown: boolean;
  /** Address of who has connected. Absent: by a unix socket. */
  host?: string;
  /**
   * And the port.
   *
   * @format uint16
   */
  port?: number;
}

/** Listens no more. Connections that wait are reset, those that were given go on. One that there is not is fine. */
export interface HoldfastCloseListenerParams {
  listenerId: string;
}

export type HoldfastCloseListenerResult = EmptyResult;
