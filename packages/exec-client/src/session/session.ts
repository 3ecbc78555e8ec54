import { createExecServerClient, type ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { type CallOptions, type Clock, Holds, isLinkError, isRemoteError, type PortClose } from "@holdfast/rpc";
import { endError, HealingLink, keepAlive, type RecoverySettings, recover } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../errors.ts";
import { TERMINATE_UNANSWERED_MAX } from "../limits.ts";
import { type ChannelOrigin, type ChannelPort, ProcessChannel } from "../process/process-channel.ts";
import type { ReadResult } from "../process/read-result.ts";
import { catchUp } from "./catch-up.ts";
import type { DeliverEvent } from "./follow-notices.ts";
import type { FollowedProcess } from "./followed-process.ts";
import { isRetryable } from "./is-retryable.ts";
import type { Line, LineLoss } from "./line.ts";
import { OutputHold } from "./output-hold.ts";
import { CALL_POLICY, isStart } from "./replay.ts";
import {
  endOfLoss,
  endOfRecovery,
  endOfShutdown,
  isShutdown,
  type SessionEnd,
  type SessionState,
} from "./session-state.ts";

/** How a session gets a new line when it lost the one it had. */
export interface SessionRecovery extends RecoverySettings {
  /** Get a line. */
  openLine(signal: AbortSignal): Promise<Line>;
  /** Resume the session on it. */
  resume(line: Line, sessionId: string, signal: AbortSignal): Promise<void>;
}

interface SessionParts {
  readonly id: string;
  readonly line: Line;
  readonly clock: Clock;
  /** Capability `holdfastOutputHold`: one process can be held back. Otherwise only the whole line can. */
  readonly canHoldOutput: boolean;
  /** Without it, a lost connection is the end. */
  readonly recovery?: SessionRecovery | undefined;
  readonly onStateChange?: ((state: SessionState["kind"]) => void) | undefined;
  /** Takes events of processes that are not followed. Default: they are ignored. */
  readonly onStrayEvent?: DeliverEvent | undefined;
  /** Called for a start that was on the line when it broke. Default: the process is terminated, should it run. */
  readonly onAmbiguousStart?: ((processId: string) => void) | undefined;
  /** Whether a call may be waited for without end on a line that is there. Default false: what is answered at once is not. */
  readonly isPatient?: boolean | undefined;
}

/** One session on an executor: the processes this client started in it, and the line there is to it, if any. */
export class Session {
  readonly id: string;
  /** Calls that outlive the line; see {@link HealingLink}. */
  readonly stub: ExecServerClient;
  readonly clock: Clock;
  readonly #recovery: SessionRecovery | undefined;
  readonly #onStateChange: ((state: SessionState["kind"]) => void) | undefined;
  readonly #link: HealingLink<Line>;
  readonly #processes = new Map<string, FollowedProcess>();
  readonly #onStrayEvent: DeliverEvent;
  readonly #onAmbiguousStart: (processId: string) => void;
  readonly #canHoldOutput: boolean;
  /** Of processes that were held back at some time and have not ended. */
  readonly #outputHolds = new Map<string, OutputHold>();
  readonly #holds = new Holds((isHeld) => this.#holdLine(isHeld));
  /** That of the line in use. */
  #lineHold: Disposable | undefined;
  readonly #closed = Promise.withResolvers<PortClose>();
  #state: SessionState;
  /** When the last recovery succeeded. */
  #recoveredAtMs = Number.NEGATIVE_INFINITY;

  constructor({ id, line, clock, canHoldOutput, recovery, onStateChange, ...parts }: SessionParts) {
    this.id = id;
    this.#onStrayEvent = parts.onStrayEvent ?? (() => {});
    this.#onAmbiguousStart = parts.onAmbiguousStart ?? ((processId) => this.terminateUnseen(processId));
    this.clock = clock;
    this.#canHoldOutput = canHoldOutput;
    this.#recovery = recovery;
    this.#onStateChange = onStateChange;
    const session = this;
    this.#link = new HealingLink({
      clock,
      policy: parts.isPatient === true ? { ...CALL_POLICY, answerTimeoutOf: () => undefined } : CALL_POLICY,
      get state() {
        return session.#state;
      },
      onAmbiguous: (method, params) => this.#onAmbiguous(method, params),
    });
    this.stub = createExecServerClient(this.#link);
    this.#state = { kind: "connected", line };
    this.#follow(line);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Resolves when the session is out of reach for good. Never rejects. */
  get closed(): Promise<PortClose> {
    return this.#closed.promise;
  }

  /** A call by its wire name, as it is: neither its params nor its result are looked at. */
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    return this.#link.call(method, params, options);
  }

  /** The line there is, or the next one; for what lives and dies with its connection. */
  line(method: string, options: Pick<CallOptions, "signal" | "timeoutMs">): Promise<Line> {
    return this.#link.line(method, options);
  }

  /** End it from this side. Idempotent. */
  async close(reason: string): Promise<void> {
    const state = this.#state;
    if (state.kind === "connected" || state.kind === "recovering") {
      const close: PortClose = { initiator: "local", reason };
      const message = `the connection to the executor is gone: ${reason}`;
      this.#end("closed", { close, code: "closed", message, cause: undefined });
    }
    if (state.kind === "connected") {
      state.line.peer.close(reason);
      this.#closed.resolve(await state.line.peer.closed);
    }
    await this.#closed.promise;
  }

  /**
   * Take nothing from the line, whichever it is, but answers to what is asked on it, until the hold is released. Catching up on a new
   * line is not held.
   */
  hold(): Disposable {
    return this.#holds.take();
  }

  /**
   * Open a channel before its process is started: the first events can overtake the answer to the start. Or before the
   * first read of one that is running already: what it pushes meanwhile is not lost.
   *
   * @throws InvalidArgumentError this client has a running process of that name.
   */
  openChannel(processId: string, origin?: ChannelOrigin): ProcessChannel {
    if (this.#processes.has(processId)) throw duplicateProcess(processId);
    const port: ChannelPort = {
      clock: this.clock,
      read: (params, options) => this.stub.process.read({ ...params, waitMs: 0 }, options),
      holdOutput: this.#canHoldOutput ? (isHeld) => this.#holdOutput(channel, isHeld) : this.#holdLineInstead(),
      holdLine: () => this.hold(),
      release: (outcome) => this.#release(channel, outcome),
    };
    const channel: ProcessChannel = new ProcessChannel(processId, port, origin);
    this.follow(channel);
    return channel;
  }

  /** Hand it the events of its process, and keep it in step over lost lines. Until {@link Session.unfollow}. */
  follow(process: FollowedProcess): void {
    this.#processes.set(process.processId, process);
  }

  unfollow(process: FollowedProcess): void {
    if (this.#processes.get(process.processId) !== process) return;
    this.#processes.delete(process.processId);
    this.#outputHolds.delete(process.processId);
  }

  /** Whether this client follows a process of that name. */
  hasProcess(processId: string): boolean {
    return this.#processes.has(processId);
  }

  /** How many processes this client follows that have not closed. */
  get openCount(): number {
    return this.#processes.size;
  }

  /** Take the first read of a process that was running before. On a line that broke since, recovery takes over. */
  adopt(channel: ProcessChannel, result: ReadResult): void {
    channel.adopt(result);
    channel.started();
    if (this.#state.kind === "connected") channel.resume();
  }

  /** Forget a channel whose process did not start. */
  abandonChannel(channel: ProcessChannel, error: unknown): void {
    this.unfollow(channel);
    channel.fail(error);
  }

  /** Terminate a process without a subscriber, without waiting. */
  terminateUnseen(processId: string): void {
    this.terminateWithRetry(processId).catch(() => {});
  }

  /**
   * Terminate a process, after a reconnect if need be. To kill twice is no harm, to leave it running is: it is told again after a
   * lost connection, and some times when the answer was unreadable or did not come.
   */
  async terminateWithRetry(processId: string): Promise<{ readonly running: boolean }> {
    for (let unanswered = 0; ; ) {
      try {
        const { running } = await this.stub.process.terminate({ processId, includeDescendants: true });
        return { running };
      } catch (error) {
        if (this.#isOver() || isRemoteError(error)) throw error;
        if (isLinkError(error) && error.code === "closed") continue;
        unanswered += 1;
        if (unanswered > TERMINATE_UNANSWERED_MAX) throw error;
      }
    }
  }

  #holdLine(isHeld: boolean): void {
    this.#lineHold?.[Symbol.dispose]();
    this.#lineHold = isHeld && this.#state.kind === "connected" ? this.#state.line.peer.hold() : undefined;
  }

  #holdOutput(channel: ProcessChannel, isHeld: boolean): void {
    const { processId } = channel;
    // The executor knows none that is over, or that was never started.
    if (this.#processes.get(processId) !== channel || channel.log.state.kind !== "open") return;
    const hold =
      this.#outputHolds.get(processId) ?? new OutputHold((held) => this.#tellHold(processId, held), this.clock);
    this.#outputHolds.set(processId, hold);
    hold.set(isHeld);
  }

  #tellHold(processId: string, held: boolean): Promise<unknown> {
    return this.stub.holdfast.holdOutput({ processId, held });
  }

  /** What an executor without flow control leaves to do. */
  #holdLineInstead(): (isHeld: boolean) => void {
    let hold: Disposable | undefined;
    return (isHeld) => {
      hold?.[Symbol.dispose]();
      hold = isHeld ? this.hold() : undefined;
    };
  }

  #isOver(): boolean {
    return this.#state.kind === "failed" || this.#state.kind === "closed";
  }

  #follow(line: Line): void {
    line.deliverTo(this.#deliver);
    void line.lost.then((loss) => {
      line.deliverTo(undefined);
      if (this.#state.kind !== "connected" || this.#state.line !== line) return;
      if (this.#recovery !== undefined && !isShutdown(loss)) {
        this.#recover(loss, this.#recovery);
        return;
      }
      this.#end("failed", isShutdown(loss) ? endOfShutdown(loss) : endOfLoss(loss));
      void line.peer.closed.then(() => this.#closed.resolve(loss.close));
    });
  }

  readonly #deliver: DeliverEvent = (processId, event) => {
    const process = this.#processes.get(processId);
    if (process === undefined) this.#onStrayEvent(processId, event);
    else process.accept(event);
  };

  #recover(loss: LineLoss, recovery: SessionRecovery): void {
    const stop = new AbortController();
    this.#lineHold = undefined;
    for (const process of this.#processes.values()) process.suspend();
    this.#enter({ kind: "recovering", stop });
    const stopKeepingAlive = keepAlive();
    // A line that breaks as soon as it is there must not be dialled without a pause.
    const delayMs = this.#recoveredAtMs + recovery.retryIntervalMs - this.clock.now();
    recover((signal) => this.#attempt(recovery, signal), {
      ...recovery,
      clock: this.clock,
      delayMs,
      stop: stop.signal,
      isRetryable,
    })
      .then(
        (line) => this.#install(line, stop),
        (error: unknown) => {
          if (this.#state.kind === "recovering") this.#end("failed", endOfRecovery(loss, error));
        },
      )
      .finally(stopKeepingAlive);
  }

  async #attempt(recovery: SessionRecovery, signal: AbortSignal): Promise<Line> {
    const line = await recovery.openLine(signal);
    try {
      signal.throwIfAborted();
      line.deliverTo(this.#deliver);
      await recovery.resume(line, this.id, signal);
      const started = [...this.#processes.values()].filter((process) => process.isStarted);
      await catchUp(line, started, signal);
      signal.throwIfAborted();
      return line;
    } catch (error) {
      line.deliverTo(undefined);
      line.peer.close("the session was not resumed on this connection");
      throw error;
    }
  }

  #install(line: Line, stop: AbortController): void {
    if (this.#state.kind !== "recovering" || this.#state.stop !== stop) {
      line.peer.close("the client is done");
      return;
    }
    this.#recoveredAtMs = this.clock.now();
    this.#enter({ kind: "connected", line });
    this.#holdLine(this.#holds.isHeld);
    for (const process of [...this.#processes.values()]) process.resume();
    for (const hold of this.#outputHolds.values()) hold.resumed();
    this.#link.release();
    this.#follow(line);
  }

  /** First cause wins. */
  #end(kind: "failed" | "closed", end: SessionEnd): void {
    const state = this.#state;
    if (state.kind === "failed" || state.kind === "closed") return;
    this.#enter({ kind, ...end });
    if (state.kind === "recovering") {
      state.stop.abort();
      this.#closed.resolve(end.close);
    }
    const processes = [...this.#processes.values()];
    this.#processes.clear();
    for (const process of processes) process.fail(endError(end, { delivery: "unknown" }));
    this.#link.release();
  }

  #enter(state: SessionState): void {
    this.#state = state;
    const tell = this.#onStateChange;
    // In a turn of its own: what it throws is the caller's, and must not stop a transition half-way.
    if (tell !== undefined) queueMicrotask(() => tell(state.kind));
  }

  /** The executor may have started it: no caller has it, so it must not run on. */
  #onAmbiguous(method: string, params: unknown): void {
    if (!isStart(method)) return;
    const { processId } = params as { readonly processId: string };
    this.#onAmbiguousStart(processId);
  }

  #release(channel: ProcessChannel, outcome: "closed" | "failed"): void {
    this.unfollow(channel);
    // What this client did not start is not its to end.
    if (channel.origin.kind === "attached") return;
    // Its end can no longer be observed, so it must not run on. After a close there is nothing to clean
    // up: executors forget a closed process by themselves, and a terminate does not make them forget it sooner.
    if (outcome === "failed") this.terminateUnseen(channel.processId);
  }
}

/** This client has a running process of that name. */
export function duplicateProcess(processId: string): InvalidArgumentError {
  return new InvalidArgumentError("processId", `session already registered for process ${processId}`);
}
