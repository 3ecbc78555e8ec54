import { createExecServerCodec, EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import { createPeer, type FramePort, type Peer } from "@holdfast/rpc";
import type { Admission, AdmissionOptions } from "./admission/index.ts";
import type { ExecutorOptions } from "./options.ts";
import { loadOwnParts } from "./own-parts.ts";
import { bufferPool } from "./platform/buffer-pool.ts";
import { closeOnExecFrom } from "./platform/descriptors.ts";
import type { Log } from "./platform/ports.ts";
import { keepMemoryPrivate } from "./platform/private-memory.ts";
import { createServices } from "./services.ts";
import { Connection } from "./session/connection.ts";

/** Processes, terminals and files of this machine behind the exec-server protocol. */
export interface Executor {
  /**
   * Serve one client on a connection. The executor owns the port from here on.
   *
   * @param principal - Whom the listener took the client for, in words: for the log.
   */
  accept(port: FramePort, principal?: string): void;
  /**
   * Make the admission check of a listener. Call it for each connection before it becomes a port.
   *
   * Where the system does not tell their connections from those of other clients and the listener asks for no secret, confined commands with a network
   * are refused from then on.
   *
   * @throws Error where this system can't identify the user of a connection and only one is to be admitted; the message says why.
   */
  admission(options: AdmissionOptions): Pick<Admission, "judge">;
  /** End every session, attached or not, with its processes, and every connection. Idempotent; resolves when all are gone. */
  close(): Promise<void>;
  /** Number of connections being served. */
  readonly connectionCount: number;
}

/** Lowest descriptor that is not a standard stream. */
const FIRST_EXTRA_DESCRIPTOR = 3;
/** Calls of one connection under way at once. A write that waits for a process is one: sixteen stuck ones leave room for others. */
const MAX_RUNNING_CALLS = 32_768;
/** How long to wait for the end of confined children: they were killed. */
const LEAVE_MS = 2_000;

/**
 * Make an executor. It opens nothing by itself: give it ports.
 *
 * @param options.env - What children may inherit under an `envPolicy`. Bytes that are no UTF-8 may be given as `nativeText` of
 *   `@holdfast/sandbox/native-text` writes them: children get the bytes.
 * @throws RangeError when a limit is out of its range, Error when `spool.directory` can't be made or written.
 */
export function createExecutor(options: ExecutorOptions): Executor {
  const services = createServices(options);
  const { audit, clock, confinement, door, groups, log, sandboxing, sessions } = services;
  const codec = createExecServerCodec({ longBase64: "bytes", allocate: (bytes) => bufferPool.take(bytes) });
  const lines = new Map<Peer, Connection>();
  let hasServed = false;
  // Not before: an executor without a client needs neither the native binding nor a trial of the sandbox.
  const beginToServe = (): void => {
    if (hasServed) return;
    hasServed = true;
    // Children must not see what this process inherited from its own parent.
    closeOnExecFrom(FIRST_EXTRA_DESCRIPTOR);
    loadOwnParts();
    if (options.keepsMemoryPrivate === true) keepMemoryPrivate();
    sandboxing.tryOut?.();
    void services.stageRecords.sweep();
  };

  return {
    get connectionCount() {
      return lines.size;
    },
    admission: (options) => door.open(options),
    accept(port, principal) {
      beginToServe();
      const client = { peerName: port.peerName, principal };
      const connection = new Connection(services, () => peer, client);
      const peer = createPeer({
        port,
        codec,
        server: connection,
        strayAnswers: "close",
        limits: { maxRunningCalls: MAX_RUNNING_CALLS },
        onSent: (frame) => bufferPool.give(frame),
        clock,
        onBug: (error, method) => tellBug(log, method, error),
      });
      audit.connected(client, port.transport);
      lines.set(peer, connection);
      void peer.closed.then(({ reason }) => {
        audit.disconnected(client, reason);
        lines.delete(peer);
        return connection.end();
      });
    },
    async close() {
      // Children first: a client that does not close its connection must not keep them alive.
      sessions.close();
      services.spool?.close();
      const ending = [...lines].map(async ([peer, connection]) => {
        await connection.end();
        peer.close(EXECUTOR_SHUTDOWN.reason, EXECUTOR_SHUTDOWN.code);
        await peer.closed;
      });
      await Promise.all([...ending, services.http.close(), sessions.left()]);
      services.trees.close();
      await services.stageRecords.close();
      // What was made for confined children is taken away when they are gone.
      await confinement.settled(LEAVE_MS);
      await groups.settled(LEAVE_MS);
      sandboxing.close?.();
    },
  };
}

function tellBug(log: Log, method: string | undefined, error: unknown): void {
  const text = `${method || "connection"}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  if (log.error === undefined) log.warn(text);
  else log.error(text);
}
