import type { RemotePath } from "../paths.ts";
import type { BridgeTool } from "./bridge-tools.ts";

/** Where connections lead to: a port of the loopback, a port of a host, or a unix socket. Of the executor's machine, or of this one by `forwardReverse`. */
export type ForwardTarget =
  | number
  | {
      /** As the machine knows it that connects. Default `127.0.0.1`. */
      readonly host?: string | undefined;
      readonly port: number;
    }
  | {
      /** Of a unix socket. */
      readonly path: RemotePath;
    };

/** Where to listen: on this machine, or on the executor's by `forwardReverse`. */
export interface ForwardOptions {
  /** Port to listen on. Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Path of a unix socket to listen on instead, for one user alone. Here nothing may be there; there a socket that answers nobody is replaced. */
  readonly path?: string | undefined;
  /** Address to listen on. Default `127.0.0.1`: the machine alone. */
  readonly host?: string | undefined;
  /** Ends it, as `close` does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when a connection could not be taken, had none at its other end, or broke. Default: whoever connected sees a reset, and nothing is
   * said.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface ForwardReverseOptions extends ForwardOptions {
  /** Whether `host` may be an address there that other machines reach. Default false: such an address is refused. */
  readonly otherMachines?: boolean | undefined;
}

/** A port or a unix socket that leads to another machine. */
export interface Forwarding extends AsyncDisposable {
  /** Address and port that it listens on; empty and 0 for a unix socket. */
  readonly host: string;
  readonly port: number;
  /** Path of the unix socket that it listens on. */
  readonly path: string | undefined;
  /** What connects or listens on the executor's machine: itself, or a program that it starts. */
  readonly via: "executor" | BridgeTool;
  /** Connections that are open. */
  readonly connectionCount: number;
  /** Resolves when it listens no more: with the reason, unless it was closed. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Stop listening, and end every connection. */
  close(): Promise<void>;
}
