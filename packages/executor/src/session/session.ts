import { CONNECTIONS_MAX, ERROR_CODES } from "@holdfast/exec-server-protocol";
import { type Clock, RpcFault, type Timer } from "@holdfast/rpc";
import type { Audit } from "../audit.ts";
import { type Descent, type HandedDescent, newDescent } from "../guardian/index.ts";
import type { IncomingBytes, OutgoingBytes } from "../platform/handed-bytes.ts";
import type {
  HandedProcess,
  InputBudget,
  InputLimits,
  ManagedProcess,
  ManagedProcessOptions,
  OutputSpool,
  ProcessRegistryOptions,
  RetentionLimits,
  SharedInput,
} from "../process/index.ts";
import { ProcessRegistry, RegistrationFault } from "../process/index.ts";
import type { TreeThreads } from "../trees/index.ts";
import { Archives } from "./archives.ts";
import { DetachedEnds } from "./detached-ends.ts";
import type { HandedStaging } from "./handed-staging.ts";
import { type HandedNamedListener, Listeners } from "./listeners.ts";
import { type NoticeSink, Notifier } from "./notifier.ts";
import type { StageRecords } from "./stage-records.ts";
import { Staging } from "./staging.ts";
import { type HandedWatch, Watches } from "./watches.ts";

/** What holds a session: a connection, known by its identity, with the line that notices go to. */
export interface SessionHolder {
  readonly line: NoticeSink;
}

/**
 * `attached` leaves to `detached` when its holder lets go, `detached` to `attached` when another takes it in time, and
 * either to `ended` for good. Each transition happens within one turn.
 */
export type SessionState =
  | { readonly kind: "attached"; readonly holder: SessionHolder }
  | {
      readonly kind: "detached";
      readonly sinceMs: number;
      /** For how long it waits, from then on. */
      readonly ttlMs: number;
      readonly expiry: Timer;
      readonly lettingGo: Timer;
    }
  | { readonly kind: "ended" };

/** @param handed - What another program has kept of it. */
export type NewSpool = (handed?: ReturnType<OutputSpool["handOver"]>) => OutputSpool;

/** A session that another program goes on with. */
export interface HandedSession {
  readonly id: string;
  /** For how long nobody has held it; absent: its client was sent away for the replacement, and comes back. */
  readonly detachedMs?: number | undefined;
  readonly descent: HandedDescent;
  readonly processes: readonly HandedProcess[];
  /** How far its client was told of each of them, in their order; absent: that is not known. */
  readonly told: readonly (number | null)[];
  readonly watches: readonly HandedWatch[];
  /** Absent: of a program that had none. */
  readonly listeners?: readonly HandedNamedListener[] | undefined;
  readonly staging: HandedStaging;
  /** Archives that were being read. */
  readonly interruptedArchives: readonly string[];
}

/** How a process goes on that was handed over. */
export type AdoptProcess = (process: ManagedProcess, handed: HandedProcess, bytes: IncomingBytes) => void;

export interface SessionOptions {
  readonly id: string;
  readonly clock: Clock;
  /** Milliseconds for which it waits for a new holder. */
  readonly detachedTtlMs: number;
  readonly registry: Omit<ProcessRegistryOptions, "onForgotten">;
  readonly retention: RetentionLimits;
  readonly input: InputLimits;
  readonly inputBudget: InputBudget;
  /** Makes the spool of one process; without it, what falls out of the retained window is gone. */
  readonly newSpool: NewSpool | undefined;
  readonly trees: TreeThreads;
  readonly stageRecords: StageRecords;
  readonly audit: Audit;
  /** Called once, when it has ended. */
  readonly onEnded: (session: Session) => void;
}

/**
 * How long the output that a client holds waits for it when its connection is lost. Clients of this project look for another
 * connection for 45 s; one that does not come back must not stop what is to run on without it.
 */
const HOLD_OUTLIVES_MS = 60_000;

const TIME_UP = "its client did not come back in time";

/**
 * How long the output of what was handed over waits for its client, and its session at least. Clients are told and come at once; what they
 * had not been sent yet must not fall out of what is kept meanwhile. One that does not come must not stop what is to run on without it.
 */
const REPLACEMENT_HOLD_MS = 10_000;

/**
 * What one client owns on this machine: its processes and their retained output, and files on their way.
 *
 * It outlives the connections that hold it, one at a time. While none does, processes run on and notices are dropped:
 * what a process keeps can be read later.
 */
export class Session {
  readonly id: string;
  /** Files and folders on their way. */
  readonly staging: Staging;
  /** Folders that are read as archives. */
  readonly archives: Archives;
  /** What it is told of as it happens. */
  readonly watches: Watches;
  /** Where it listens. */
  readonly listeners: Listeners;
  /** Resolves once nothing of it is left, after its end. */
  readonly left: Promise<void>;
  readonly #leave: (cleared: Promise<void>) => void;
  readonly #options: SessionOptions;
  readonly #processes: ProcessRegistry;
  readonly #notifier: Notifier;
  readonly #descent: Descent;
  /** Inputs of processes of other sessions. */
  readonly #taken = new Set<SharedInput>();
  /** Its output waits for a client that comes back after a replacement: each such time is another one. */
  #replacementHold: object | undefined;
  readonly #detachedEnds: DetachedEnds;
  #state: SessionState;

  /** @param begin - Who holds it, or what another program hands over. */
  constructor(options: SessionOptions, begin: SessionHolder | Pick<HandedSession, "descent" | "detachedMs">) {
    this.id = options.id;
    this.#descent = newDescent("descent" in begin ? begin.descent : undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.left = promise;
    this.#leave = resolve;
    this.#options = options;
    const isLeft = () => this.#state.kind === "detached";
    this.staging = new Staging(options.trees, undefined, { records: options.stageRecords, isLeft });
    this.archives = new Archives(options.trees);
    this.#detachedEnds = new DetachedEnds(options.clock);
    const onForgotten = (process: ManagedProcess) => this.#notifier.forget(process);
    this.#processes = new ProcessRegistry({ ...options.registry, onForgotten });
    const holdOutput = (isHeld: boolean): void => {
      for (const process of this.#processes.all()) {
        if (isHeld) process.pauseOutput("line");
        else process.resumeOutput("line");
      }
    };
    const closed = (process: ManagedProcess) => {
      this.#processes.retain(process);
      this.listeners.serve();
    };
    const line = () => (this.#state.kind === "attached" ? this.#state.holder.line : undefined);
    this.watches = new Watches({ delay: options.clock, line });
    this.listeners = new Listeners({ clock: options.clock, hasRoom: () => this.hasRoomForConnection });
    this.#notifier = new Notifier({ holdOutput, delay: options.clock, closed });
    if ("descent" in begin) {
      const heldMs = begin.detachedMs === undefined ? REPLACEMENT_HOLD_MS : 0;
      const sinceMs = options.clock.now() - (begin.detachedMs ?? 0);
      this.#state = this.#detached(sinceMs, Math.max(options.detachedTtlMs, heldMs));
      return;
    }
    this.#state = { kind: "attached", holder: begin };
    this.#notifier.attach(begin.line);
  }

  get state(): SessionState {
    return this.#state;
  }

  /**
   * Take a detached session. Notices go to the new holder from now on.
   *
   * @returns false when it has ended, or ends now because its time is up and its timer is late.
   */
  attach(holder: SessionHolder): boolean {
    if (this.#state.kind !== "detached") return false;
    const { sinceMs, ttlMs, expiry, lettingGo } = this.#state;
    if (this.#options.clock.now() - sinceMs >= ttlMs) {
      this.end(TIME_UP);
      return false;
    }
    expiry.cancel();
    lettingGo.cancel();
    this.#detachedEnds.cancel();
    this.#state = { kind: "attached", holder };
    this.#notifier.attach(holder.line, this.#processes.all());
    for (const process of this.#connections()) process.resumeOutput("detached");
    this.#resumeReplaced();
    // Only who held it knows why, and says so again; another client would wait for output that never comes.
    this.#letGo();
    return true;
  }

  /** Let go of it. @returns false, and nothing changes, unless `holder` holds it now. */
  detach(holder: SessionHolder): boolean {
    if (this.#state.kind !== "attached" || this.#state.holder !== holder) return false;
    const { clock, detachedTtlMs } = this.#options;
    const leastTtlMs = this.#replacementHold === undefined ? 0 : REPLACEMENT_HOLD_MS;
    this.#state = this.#detached(clock.now(), Math.max(detachedTtlMs, leastTtlMs));
    this.#detachedEnds.begin(this.#processes.all(), { sinceMs: clock.now(), leastMs: leastTtlMs });
    this.#options.audit.sessionDetached(this.id);
    this.watches.detach();
    this.listeners.release();
    this.#notifier.detach(this.#processes.all());
    // A program's output that falls out of what is kept is told of; a connection must lose nothing.
    for (const process of this.#connections()) process.pauseOutput("detached");
    return true;
  }

  #detached(sinceMs: number, ttlMs = this.#options.detachedTtlMs): Extract<SessionState, { kind: "detached" }> {
    const { clock } = this.#options;
    const leftMs = (ms: number) => Math.max(0, ms - (clock.now() - sinceMs));
    const expiry = clock.after(leftMs(ttlMs), () => this.end(TIME_UP));
    const lettingGo = clock.after(leftMs(HOLD_OUTLIVES_MS), () => {
      this.#letGo();
      this.#giveInputs();
    });
    return { kind: "detached", sinceMs, ttlMs, expiry, lettingGo };
  }

  /** Whether it is in the middle of something that can't be handed over yet. */
  get isStarting(): boolean {
    return this.#processes.isStarting || this.listeners.isOpening;
  }

  /**
   * Let all output wait, before its holder lets go for the executor's successor. Until the next holder comes, or `release` is called.
   *
   * @returns a function that lets it go on.
   */
  holdForReplacement(): () => void {
    const hold = {};
    this.#replacementHold = hold;
    for (const process of this.#processes.all()) process.pauseOutput("replacement");
    return () => {
      if (this.#replacementHold === hold) this.#resumeReplaced();
    };
  }

  /** For the next program. Nobody must hold it any more. */
  handOver(bytes: OutgoingBytes): HandedSession {
    const processes = this.#processes.all();
    const { told } = this.#notifier;
    const sinceMs = this.#state.kind === "detached" ? this.#state.sinceMs : undefined;
    // Also one whose client has not come back since the replacement before.
    const isAwaited = this.#replacementHold !== undefined;
    const handed = processes.map((process) => process.handOver(bytes));
    return {
      id: this.id,
      detachedMs: isAwaited || sinceMs === undefined ? undefined : this.#options.clock.now() - sinceMs,
      descent: this.#descent.handOver(),
      processes: handed,
      told: processes.map((process) => told.get(process) ?? null),
      watches: this.watches.handOver(),
      listeners: this.listeners.handOver(),
      staging: this.staging.handOver(),
      interruptedArchives: this.archives.interrupted.all(),
    };
  }

  /** Go on with what another program hands over. To be called first. */
  adopt(handed: HandedSession, bytes: IncomingBytes, adoptProcess: AdoptProcess): void {
    const told = new Map<ManagedProcess, number>();
    for (const [index, each] of handed.processes.entries()) {
      const process = this.#processes.add(this.#optionsOf(each, each.serial, each.log.spool));
      adoptProcess(process, each, bytes);
      if (process.state.kind === "closed") this.#processes.retain(process);
      const seq = handed.told[index];
      if (typeof seq === "number") told.set(process, seq);
    }
    this.#notifier.adopt(told);
    this.watches.adopt(handed.watches);
    this.listeners.adopt(handed.listeners ?? []);
    this.staging.adopt(handed.staging);
    this.archives.interrupted.add(handed.interruptedArchives);
    const { clock } = this.#options;
    if (handed.detachedMs === undefined) clock.after(REPLACEMENT_HOLD_MS, this.holdForReplacement());
    const leastMs = handed.detachedMs === undefined ? REPLACEMENT_HOLD_MS : 0;
    this.#detachedEnds.begin(this.#processes.all(), { sinceMs: clock.now() - (handed.detachedMs ?? 0), leastMs });
    for (const process of this.#connections()) process.pauseOutput("detached");
  }

  #resumeReplaced(): void {
    this.#replacementHold = undefined;
    for (const process of this.#processes.all()) process.resumeOutput("replacement");
  }

  /** Somebody else looks at it: while nobody has it, its time begins anew. @returns false when it has ended, or does now. */
  touch(): boolean {
    if (this.#state.kind !== "detached") return this.#state.kind === "attached";
    const { sinceMs, ttlMs, expiry } = this.#state;
    const { clock } = this.#options;
    if (clock.now() - sinceMs >= ttlMs) {
      this.end(TIME_UP);
      return false;
    }
    expiry.cancel();
    this.#state = { ...this.#state, sinceMs: clock.now(), expiry: clock.after(ttlMs, () => this.end(TIME_UP)) };
    return true;
  }

  /** How long somebody may look at it at a time, milliseconds, so that it does not end meanwhile. */
  get longestLookMs(): number {
    return this.#options.detachedTtlMs / 2;
  }

  /** It has taken the input of a process of another session, which is given back with its end at the latest. */
  hasTaken(input: SharedInput): void {
    for (const each of this.#taken) if (each.taker !== this) this.#taken.delete(each);
    this.#taken.add(input);
  }

  /** @throws RpcFault when `holder` has lost it to another one. */
  checkHeldBy(holder: SessionHolder): void {
    if (this.#state.kind === "ended") return;
    if (this.#state.kind === "attached" && this.#state.holder === holder) return;
    throw new RpcFault(ERROR_CODES.InvalidRequest, "session has been resumed by another connection");
  }

  /** @throws RegistrationFault when it has ended. */
  checkAlive(): void {
    if (this.#state.kind === "ended") throw new RegistrationFault("the session has ended");
  }

  process(id: string): ManagedProcess | undefined {
    return this.#processes.get(id);
  }

  /** Those that run and those that can still be read, in the order of their starts. */
  processes(): readonly ManagedProcess[] {
    return this.#processes.all();
  }

  /**
   * Take an id for a process that is being started. Its child is adopted by it, or it is abandoned.
   *
   * @throws RegistrationFault when the id is taken or the session has ended.
   */
  reserve(start: Pick<ManagedProcessOptions, "id" | "hasInput" | "facts" | "terminalSize">): ManagedProcess {
    this.checkAlive();
    const process = this.#processes.reserve(this.#optionsOf(start, this.#descent.newSerial()));
    if (this.#notifier.holding) process.pauseOutput("line");
    if (start.facts.isConnection === true && this.#state.kind === "detached") process.pauseOutput("detached");
    return process;
  }

  #optionsOf(
    start: Pick<ManagedProcessOptions, "id" | "hasInput" | "facts" | "terminalSize">,
    serial: number | undefined,
    spooled?: ReturnType<OutputSpool["handOver"]>,
  ): ManagedProcessOptions {
    const { id, hasInput, facts, terminalSize } = start;
    const { audit, retention, input, inputBudget, newSpool } = this.#options;
    const descent =
      serial === undefined
        ? undefined
        : {
            serial,
            end: () => this.#descent.endStart(serial),
            askLeft: (group: number, asked: Set<number>) => this.#descent.askLeft(serial, group, asked),
          };
    const spool = newSpool?.(spooled);
    const onExit: ManagedProcessOptions["onExit"] = (process, exit) => audit.exited(this.id, process, exit);
    const sink = this.#notifier;
    return { id, hasInput, facts, terminalSize, retention, input, inputBudget, spool, sink, descent, onExit };
  }

  /** Keep nothing of it once it is closed, unless its holder was not told all of it. */
  forget(process: ManagedProcess): void {
    if (!this.#notifier.isBehind(process)) this.#processes.forget(process);
  }

  /** It could not be started: its id is free again. */
  abandon(process: ManagedProcess): void {
    this.#processes.abandon(process);
  }

  /** An answer to its holder ended before `fromSeq`: send what it was never sent from there on. */
  sendFrom(process: ManagedProcess, fromSeq: number): void {
    this.#notifier.sendFrom(process, fromSeq);
  }

  /** Its holder's read after `afterSeq` is answered, or waits for news; `isThrough` when that is all it asks for. */
  hasRead(process: ManagedProcess, afterSeq: number, isThrough: boolean): void {
    this.#notifier.read(process, afterSeq, isThrough);
  }

  /**
   * End every process and drop every unfinished file; nothing more is said about them. Idempotent.
   *
   * @param reason - For the log.
   */
  end(reason: string): void {
    if (this.#state.kind === "ended") return;
    if (this.#state.kind === "detached") {
      this.#state.expiry.cancel();
      this.#state.lettingGo.cancel();
    }
    this.#detachedEnds.cancel();
    this.#state = { kind: "ended" };
    this.#options.audit.sessionEnded(this.id, reason);
    this.#giveInputs();
    this.#notifier.detach();
    this.#processes.terminateAll();
    this.#descent.endAll();
    this.watches.end();
    this.listeners.end();
    this.#leave(Promise.all([this.staging.end(), this.archives.end()]).then(() => {}));
    this.#options.onEnded(this);
  }

  #giveInputs(): void {
    for (const input of this.#taken) input.give(this);
    this.#taken.clear();
  }

  /** Whether it may have one more that is not closed. Those that are being opened count as well. */
  get hasRoomForConnection(): boolean {
    return this.#connections().filter(({ state }) => state.kind !== "closed").length < CONNECTIONS_MAX;
  }

  #connections(): readonly ManagedProcess[] {
    return this.#processes.all().filter(({ facts }) => facts.isConnection === true);
  }

  /** Read what a client held back. */
  #letGo(): void {
    for (const process of this.#processes.all()) process.resumeOutput("client");
  }
}
