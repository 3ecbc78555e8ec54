import { createHash } from "node:crypto";
import type { SandboxType } from "@holdfast/sandbox";
import type { Log, LogFields } from "./platform/ports.ts";
import type { Exit, ManagedProcess } from "./process/index.ts";

/** Characters of a digest that names a session in a log: enough to tell a million apart. */
const LABEL_LENGTH = 12;

const MS_PER_S = 1_000;

/** Who is at the other end of a connection. */
export interface Client {
  /** Address and port, or what else is known. */
  readonly peerName: string;
  /** Whom the listener took it for, in words. Absent: it did not ask. */
  readonly principal?: string | undefined;
}

/** What is known of a start besides its process. */
export interface AuditedStart {
  readonly argumentCount: number;
  /** Another user that it was to run as. */
  readonly user: string | undefined;
  readonly client: Client;
}

type AuditedProcess = Pick<ManagedProcess, "id" | "facts">;

/**
 * The records of who drove the executor and what they started, at level `info`. A log without that level costs nothing here.
 *
 * Arguments are left out unless they are asked for: people put secrets into them. The id of a session is one, because whoever has it may
 * resume the session; records have a digest of it instead.
 */
export class Audit {
  readonly #log: Log;
  readonly #withArguments: boolean;

  constructor(log: Log, { withArguments = false }: { readonly withArguments?: boolean | undefined } = {}) {
    this.#log = log;
    this.#withArguments = withArguments;
  }

  connected({ peerName, principal }: Client, transport: string): void {
    this.#log.info?.("client connected", { peer: peerName, principal, transport });
  }

  disconnected({ peerName, principal }: Client, reason: string): void {
    this.#log.info?.("client disconnected", { peer: peerName, principal, reason });
  }

  sessionOpened(session: string, { peerName, principal }: Client, clientName: string): void {
    this.#log.info?.("session opened", { session: labelOf(session), client: clientName, peer: peerName, principal });
  }

  sessionResumed(session: string, { peerName, principal }: Client, clientName: string): void {
    this.#log.info?.("session resumed", { session: labelOf(session), client: clientName, peer: peerName, principal });
  }

  resumeRefused({ peerName, principal }: Client, clientName: string, reason: string): void {
    this.#log.info?.("session not resumed", { client: clientName, peer: peerName, principal, reason });
  }

  sessionDetached(session: string): void {
    this.#log.info?.("session detached", { session: labelOf(session) });
  }

  sessionEnded(session: string, reason: string): void {
    this.#log.info?.("session ended", { session: labelOf(session), reason });
  }

  commandStarted(
    session: string,
    process: AuditedProcess,
    start: AuditedStart & { readonly pid: number; readonly sandboxType: SandboxType },
  ): void {
    const { pid, sandboxType: sandbox } = start;
    this.#log.info?.("command started", { ...this.#fieldsOf(session, process, start), sandbox, pid });
  }

  /** @param start.reason - An error. */
  commandRefused(session: string, process: AuditedProcess, start: AuditedStart & { readonly reason: unknown }): void {
    const { reason } = start;
    this.#log.info?.("command not started", {
      ...this.#fieldsOf(session, process, start),
      reason: reason instanceof Error ? reason.message : String(reason),
    });
  }

  /** Of a command, or of a connection that a client had opened from here. */
  exited(session: string, { id, facts }: AuditedProcess, { exitCode, sandboxDenied }: Exit): void {
    this.#log.info?.(facts.isConnection === true ? "connection closed" : "command exited", {
      session: labelOf(session),
      process: id,
      exitCode,
      seconds: Math.max(0, Date.now() - facts.startedAtMs) / MS_PER_S,
      sandboxDenied: sandboxDenied || undefined,
    });
  }

  /** A client has this machine connect somewhere. */
  connectionOpened(session: string, { id, facts }: AuditedProcess, { principal }: Client): void {
    const [host, port] = facts.argv;
    this.#log.info?.("connection opened", { session: labelOf(session), process: id, host, port, principal });
  }

  /** A client has this machine listen. */
  listening(session: string, place: object, { peerName, principal }: Client): void {
    this.#log.info?.("listening for a client", { session: labelOf(session), ...place, peer: peerName, principal });
  }

  /** Somebody connected to where this machine listens for a client. */
  connectionAccepted(session: string, { id, facts }: AuditedProcess): void {
    const [host, port] = facts.argv;
    this.#log.info?.("connection accepted", { session: labelOf(session), process: id, host, port });
  }

  /** A client types into a process of another one's session. @param by - Its own session. */
  inputTaken(session: string, { id }: AuditedProcess, by: string, { peerName, principal }: Client): void {
    const fields = { session: labelOf(session), process: id, by: labelOf(by), peer: peerName, principal };
    this.#log.info?.("input taken", fields);
  }

  #fieldsOf(session: string, { id, facts }: AuditedProcess, { argumentCount, user, client }: AuditedStart): LogFields {
    return {
      session: labelOf(session),
      process: id,
      program: facts.argv[0] ?? "",
      arguments: argumentCount,
      argv: this.#withArguments ? facts.argv : undefined,
      cwd: facts.cwd,
      terminal: facts.isTerminal,
      user,
      principal: client.principal,
    };
  }
}

/** A name for a session that can't be used to resume it. */
function labelOf(session: string): string {
  return createHash("sha256").update(session).digest("hex").slice(0, LABEL_LENGTH);
}
