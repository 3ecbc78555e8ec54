import type { InitializeParams, InitializeResult } from "@holdfast/exec-server-protocol";
import type { Client } from "../audit.ts";
import type { HelperPool } from "../confined-files/index.ts";
import type { FileHandles, OperationOrder } from "../filesystem/index.ts";
import type { HttpRequests } from "../http/index.ts";
import type { LongPolls } from "../process/index.ts";
import type { TreeThreads } from "../trees/index.ts";
import type { MissingWatch } from "../watch/missing-watch.ts";
import type { Session } from "./session.ts";

/** What a handler may touch on behalf of one call. */
export interface CallContext {
  readonly connection: ConnectionContext;
  /** Aborted when the connection is gone. Read it only where it is needed: it is made on demand. */
  readonly signal: AbortSignal;
}

/** What belongs to one connection and vanishes with it. */
export interface ConnectionContext {
  /**
   * Open a session or resume one.
   *
   * @throws RpcFault when this connection has one already, or the one to resume is not known or held by another.
   */
  initialize(params: InitializeParams): InitializeResult;
  /** The client has the answer. @throws Error before a session is open. */
  initialized(): void;
  /** The session of a connection that is ready: the gate has checked that. @throws RpcFault when another one took it. */
  readonly session: Session;
  /** The session of another client, by its id. @throws RpcFault when there is none. */
  sharedSession(id: string): Session;
  readonly handles: FileHandles;
  /** What is done to files, as far as it could be seen. */
  readonly files: OperationOrder;
  /** Carry out what a sandbox confines. */
  readonly helpers: HelperPool;
  readonly polls: LongPolls;
  readonly watch: MissingWatch;
  readonly http: HttpRequests;
  /** Who is at the other end. */
  readonly client: Client;
  /** For work on whole folders. */
  readonly trees: TreeThreads;
}
