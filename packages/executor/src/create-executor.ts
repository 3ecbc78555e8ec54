import { BinaryMessages, createExecServerCodec, EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import { createPeer, type FramePort, type Peer } from "@holdfast/rpc";
import type { Admission, AdmissionOptions } from "./admission/index.ts";
import { adoptServices, canHandOver, descriptorsIn, handOverServices } from "./handed-executor.ts";
import { writeHandOver } from "./handover-file.ts";
import type { ExecutorOptions } from "./options.ts";
import { loadOwnParts } from "./own-parts.ts";
import { bufferPool } from "./platform/buffer-pool.ts";
import { closeOnExecFrom } from "./platform/descriptors.ts";
import { OutgoingBytes } from "./platform/handed-bytes.ts";
import type { Log } from "./platform/ports.ts";
import { keepMemoryPrivate } from "./platform/private-memory.ts";
import { createServices } from "./services.ts";
import { Connection } from "./session/connection.ts";
import { EXECUTOR_REPLACED, suspendLines } from "./suspend.ts";

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
  /**
   * Let go of every connection so that another program can go on in this very process: calls are answered first, clients are told to
   * come back, and processes run on while their output waits. Refused connections are closed the same way until it resumes.
   *
   * What does not go on: HTTP requests, archives that are read, and files and folders on their way. Linux only.
   *
   * @throws Error when something can't be handed over now, in words; then all goes on as before.
   */
  suspend(): Promise<SuspendedExecutor>;
  /** End every session, attached or not, with its processes, and every connection. Idempotent; resolves when all are gone. */
  close(): Promise<void>;
  /** Number of connections being served. */
  readonly connectionCount: number;
}

/** An executor without connections, which is about to be replaced. */
export interface SuspendedExecutor {
  /**
   * Write down all that it has, for `handedOver` of the next program's {@link createExecutor}. The process must become that program in the same
   * turn: what happens after is not told.
   *
   * @param program - Gives what the embedding program tells its successor, as plain data, by the descriptors that go along.
   */
  handOver(program: (descriptors: readonly number[]) => unknown): HandedDescriptors;
  /** Go on: nothing came of it. */
  resume(): void;
}

/** What the next program inherits. */
export interface HandedDescriptors {
  /** Of the file that {@link readHandOver} reads. */
  readonly state: number;
  /** All of them, that one included. They keep their numbers. */
  readonly descriptors: readonly number[];
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
  const allocate = (bytes: number): Buffer => bufferPool.take(bytes);
  const lines = new Map<Peer, Connection>();
  const ports = new Map<Peer, FramePort>();
  let state: "open" | "suspended" | "closed" = "open";
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

  if (options.handedOver !== undefined) {
    beginToServe();
    adoptServices(services, options.handedOver.executor, options.handedOver.bytes);
  }

  return {
    get connectionCount() {
      return lines.size;
    },
    admission: (options) => door.open(options),
    accept(port, principal) {
      if (state === "suspended") {
        port.open({ frame: () => {}, drained: () => {}, closed: () => {} });
        port.close(EXECUTOR_REPLACED.code, EXECUTOR_REPLACED.reason);
        return;
      }
      beginToServe();
      const client = { peerName: port.peerName, principal };
      const connection = new Connection(services, () => peer, client);
      const peer = createPeer({
        port,
        codec: createExecServerCodec({ longBase64: "bytes", allocate, binaryMessages: new BinaryMessages() }),
        server: connection,
        strayAnswers: "close",
        limits: { maxRunningCalls: MAX_RUNNING_CALLS },
        onSent: (frame) => bufferPool.give(frame),
        clock,
        onBug: (error, method) => tellBug(log, method, error),
      });
      audit.connected(client, port.transport);
      lines.set(peer, connection);
      ports.set(peer, port);
      void peer.closed.then(({ reason }) => {
        audit.disconnected(client, reason);
        lines.delete(peer);
        ports.delete(peer);
        return connection.end();
      });
    },
    async suspend() {
      if (state !== "open") throw new Error(`it is ${state} already`);
      if (!canHandOver()) throw new Error("this system can't hand a process's children to another program");
      state = "suspended";
      try {
        const cut = (peer: Peer) => ports.get(peer)?.destroy(EXECUTOR_REPLACED.reason);
        const letGo = await suspendLines(services, lines, cut);
        return {
          handOver: (program) => {
            if (state !== "suspended") throw new Error("it has ended meanwhile");
            const bytes = new OutgoingBytes();
            services.spool?.handOver();
            const executor = handOverServices(services, bytes);
            const descriptors = descriptorsIn(executor);
            const file = writeHandOver({ executor, program: program(descriptors) }, bytes);
            return { state: file, descriptors: [file, ...descriptors] };
          },
          resume: () => {
            if (state === "suspended") state = "open";
            letGo();
          },
        };
      } catch (thrown) {
        if (state === "suspended") state = "open";
        throw thrown;
      }
    },
    async close() {
      state = "closed";
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
