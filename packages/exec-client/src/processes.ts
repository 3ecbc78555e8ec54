import { ERROR_CODES, type ProcessStartParams, type ProcessStartResult } from "@holdfast/exec-server-protocol";
import { isRemoteError } from "@holdfast/rpc";
import { abortSignal, checkOptions, type OptionChecks, text, wholeNumber } from "@holdfast/rpc/client";
import { abortable, abortedCall } from "./abortable.ts";
import type { ConnectionTarget, ListenOptions } from "./connection-place.ts";
import type { Environment } from "./environment.ts";
import { withCallersStack } from "./errors/callers-stack.ts";
import { type StartLook, toStartError } from "./errors/start-failure.ts";
import { UnsupportedError } from "./errors/unsupported-error.ts";
import { isNotFound, UnknownProcessError } from "./errors.ts";
import { START_LOOK_TIMEOUT_MS, TERMINATE_WAIT_MS } from "./limits.ts";
import { abandonChannel } from "./process/abandon-channel.ts";
import { Connections } from "./process/connections.ts";
import { endProcess } from "./process/end-process.ts";
import { stdinEndOf } from "./process/input/stdin-end-of.ts";
import { type ListedProcess, listProcesses } from "./process/list-processes.ts";
import { noControl } from "./process/no-control.ts";
import type { ProcessChannel } from "./process/process-channel.ts";
import type { ProcessControl } from "./process/process-control.ts";
import type { ProcessListener } from "./process/process-listener.ts";
import { RunningProcess } from "./process/running-process.ts";
import { type RunHelper, ShellControl } from "./process/shell-control.ts";
import { isWireSignal } from "./process/signal-names.ts";
import { START_CALL_OPTIONS, type StartCallOptions } from "./process/start-call.ts";
import { START_OPTIONS, type StartOptions } from "./process/start-options.ts";
import { planStart, type StartPlan } from "./process/start-plan.ts";
import { wireControl } from "./process/wire-control.ts";
import { randomUuid } from "./random-uuid.ts";
import { type ConfinedCommand, denialOf, type SandboxDenial } from "./sandbox/sandbox-denial.ts";
import type { OwnSessions } from "./session/own-sessions.ts";
import { duplicateProcess, type Session } from "./session/session.ts";
import { settledWithin } from "./settled-within.ts";
import { listSharedProcesses, type WatchTarget, watchProcess } from "./sharing/watch-process.ts";
import type { WatchedProcess } from "./sharing/watched-process.ts";

/** What to see of a process that is running already, and how long to wait for it. */
export interface AttachOptions {
  /** Leave out events up to this number. Default 0: from the oldest that the executor still has. */
  readonly afterSeq?: number | undefined;
  /** Give up: rejects with `AbortError` or `TimeoutError`. The process is left alone. */
  readonly signal?: AbortSignal | undefined;
}

/** A started process together with its channel, for code that follows it by itself. */
export interface LaunchedProcess {
  readonly process: RunningProcess;
  readonly channel: ProcessChannel;
  /** What was sent. */
  readonly plan: StartPlan;
  /** Undefined: it is not confined. */
  readonly confined: ConfinedCommand | undefined;
  /** What its sandbox probably refused it, by what it printed. Undefined: nothing fits, or it has none. */
  denialIn(output: string): SandboxDenial | undefined;
}

/** How to launch. */
export interface LaunchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Only one that is `fast`, and takes what comes at once, may share the connection in any case. */
  readonly reader: "fast" | "any";
  /** Whether it may be sent any signal, or be resized. Default: where `killSignal` is one that not every executor can send. */
  readonly isControlled?: boolean | undefined;
}

const ATTACH_OPTIONS: OptionChecks<AttachOptions> = { afterSeq: wholeNumber(0), signal: abortSignal };

type ControlledParams = Pick<ProcessStartParams, "processId" | "sandbox">;

type Answer = Promise<ProcessStartResult>;

const METHOD = "process/start";

/** The processes of one session. */
export class Processes {
  readonly #session: Session;
  readonly #own: OwnSessions | undefined;
  readonly #environment: Environment;
  readonly #runHelper: RunHelper;
  readonly #terminatesOnClose: boolean;
  readonly #connections: Connections;
  /** To be ended when the executor is closed. */
  readonly #toEnd = new Set<RunningProcess>();
  /** Starts of such that are not answered yet. */
  readonly #startsToEnd = new Set<Promise<unknown>>();

  constructor(parts: {
    readonly session: Session;
    readonly own: OwnSessions | undefined;
    readonly environment: Environment;
    readonly runHelper: RunHelper;
    /** Default of `terminateOnClose`. */
    readonly terminatesOnClose: boolean;
  }) {
    this.#session = parts.session;
    this.#own = parts.own;
    this.#environment = parts.environment;
    this.#runHelper = parts.runHelper;
    this.#terminatesOnClose = parts.terminatesOnClose;
    this.#connections = new Connections({ ...parts, running: (channel) => this.#connectionOf(channel) });
  }

  /** How many processes this client started or attached to that have not closed: those whose events are still to come. */
  get openCount(): number {
    return this.#session.openCount + (this.#own?.openCount ?? 0);
  }

  /**
   * Start a process and begin to record its output.
   *
   * Without `env` and `envPolicy` it inherits the environment of the executor.
   *
   * @throws InvalidArgumentError - `argv` is empty, `cwd` is no absolute path, `processId` is in use here, or something
   * can not be sent: half a character, a NUL, more than a message holds.
   * @throws StartError - The executor refused, or its system did; `reason` says what is missing or wrong.
   * @throws CommandNotFoundError - It has no such program.
   * @throws LinkError - Delivery `unknown`: the connection was lost before the answer came, or `timeout`, none came within 60 s. Should the process have started,
   * it is terminated after the reconnect.
   */
  async start(options: StartOptions, call: StartCallOptions = {}): Promise<RunningProcess> {
    checkOptions(options, START_OPTIONS, "processes.start");
    checkOptions(call, START_CALL_OPTIONS, "processes.start");
    const signals = [options.signal, call.signal].filter((each) => each !== undefined);
    const launched = await this.launch(options, {
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
      reader: "any",
      isControlled: true,
    });
    if (options.signal !== undefined) this.#endWhenAborted(launched, options.signal, options);
    return launched.process;
  }

  /**
   * As {@link Processes.start}.
   *
   * @param how.reader - Only one that is `fast`, and takes what comes at once, may share the connection in any case.
   */
  async launch(options: StartOptions, how: LaunchOptions): Promise<LaunchedProcess> {
    const { signal, reader, isControlled = !isWireSignal(options.killSignal) } = how;
    const processId = options.processId ?? randomUuid();
    const plan = planStart(options, { processId, environment: this.#environment, isControlled });
    const { terminateOnClose = this.#terminatesOnClose } = options;
    const launching = this.#launchPlanned(plan, { signal, reader });
    if (terminateOnClose) this.#startsToEnd.add(launching);
    try {
      const launched = await launching;
      this.#attend(launched, options, terminateOnClose);
      return launched;
    } catch (error) {
      plan.source?.cancel();
      throw error;
    } finally {
      this.#startsToEnd.delete(launching);
    }
  }

  async #launchPlanned(plan: StartPlan, { signal, reader }: LaunchOptions): Promise<LaunchedProcess> {
    const { processId } = plan.params;
    if (signal?.aborted) throw abortedCall(METHOD, "not-sent", signal);
    this.#checkFree(processId);
    const own =
      reader === "any" && this.#own !== undefined ? await this.#openOwn(this.#own, processId, signal) : undefined;
    if (own === undefined) return await this.#launchIn(this.#session, plan, { signal });
    const launched = await this.#launchIn(own, plan, {
      signal,
      onFailed: (answer) => this.#own?.abandon(own, processId, answer),
    });
    this.#own?.endWith(launched.channel, own);
    return launched;
  }

  async #launchIn(
    session: Session,
    plan: StartPlan,
    { signal, onFailed }: { readonly signal: AbortSignal | undefined; readonly onFailed?: (answer: Answer) => void },
  ): Promise<LaunchedProcess> {
    const { params, source } = plan;
    const { processId } = params;
    const channel = session.openChannel(processId);
    const answer = session.stub.process.start(params);
    // Terminated only once it was answered: a terminate sent at once could overtake the start and find nothing.
    const whenLate = (): void => session.terminateUnseen(processId);
    try {
      const { sandboxType, holdfast } = await abortable(answer, signal, { method: METHOD, whenLate });
      channel.started();
      const cleanUp = (): Promise<{ readonly running: boolean }> => session.terminateWithRetry(processId);
      const control = this.#controlOf(session, plan);
      const stdin = stdinEndOf(plan.stdin, { processId, stub: session.stub, control, isOrdered: this.#isOrdered });
      const pid = holdfast?.pid;
      const process = new RunningProcess({ channel, session, cleanUp, sandboxType, pid, stdin, source, control });
      const confined = confinedOf(params, this.#environment);
      const denialIn = (output: string) => (confined === undefined ? undefined : denialOf(output, confined));
      return { process, channel, plan, confined, denialIn };
    } catch (error) {
      abandonChannel(session, channel, error);
      onFailed?.(answer);
      throw await toStartError(error, { argv: [...plan.argv], cwd: params.cwd }, this.#look(signal));
    }
  }

  /**
   * Open a connection of the executor's machine, which is a process here: what the far side sends is its `stdout`, `write` and
   * `closeStdin` are for the far side, `exited` tells that the far side sends no more, and `closed` that both directions are over. A lost line
   * is recovered under it as under any process, and a slow reader holds the far side back.
   *
   * @param to - Host and port, or the path of a unix socket, which needs the capability `holdfastListeners` as well.
   * @throws ConnectionError - There is no connection; `code` is `ECONNREFUSED`, `ENOTFOUND`, …
   * @throws UnsupportedError - The executor lacks the capability `holdfastConnections`, as releases of Codex do.
   * @throws InvalidArgumentError, LinkError - As `start`.
   */
  openConnection(to: ConnectionTarget, call: StartCallOptions = {}): Promise<RunningProcess> {
    return this.#connections.open(to, call);
  }

  /**
   * Listen on the executor's machine: each connection that is made there is a process here, as that of `openConnection` is.
   *
   * @param at - Default: any free port of its loopback.
   * @throws ListenError - It can't listen there; `code` is `EADDRINUSE`, `EACCES`, …
   * @throws UnsupportedError - The executor lacks the capability `holdfastListeners`, as releases of Codex do.
   * @throws InvalidArgumentError, LinkError - As `start`.
   */
  listen(at: ListenOptions = {}, call: StartCallOptions = {}): Promise<ProcessListener> {
    return this.#connections.listen(at, call);
  }

  #connectionOf(channel: ProcessChannel): RunningProcess {
    const session = this.#session;
    const { processId } = channel;
    const control = this.#controlOf(session, { params: { processId }, mark: undefined });
    const stdin = stdinEndOf("pipe", { processId, stub: session.stub, control, isOrdered: this.#isOrdered });
    const cleanUp = (): Promise<{ readonly running: boolean }> => session.terminateWithRetry(processId);
    const unknown = { sandboxType: undefined, pid: undefined };
    const connection = new RunningProcess({ channel, session, cleanUp, ...unknown, stdin, source: undefined, control });
    if (this.#terminatesOnClose) this.#endWithExecutor(connection, channel);
    return connection;
  }

  /** No release of Codex has the capability, and some of them work on requests side by side. */
  get #isOrdered(): boolean {
    return this.#environment.capabilities.holdfastProcessControl;
  }

  #controlOf(
    session: Session,
    { params, mark }: Pick<StartPlan, "mark"> & { params: ControlledParams },
  ): ProcessControl {
    const { holdfastProcessControl, holdfastProcessEnding } = this.#environment.capabilities;
    if (holdfastProcessControl) return wireControl(params.processId, session.stub, holdfastProcessEnding);
    if (mark === undefined) return noControl("and a way to find the process");
    return new ShellControl(this.#runHelper, { mark, isConfined: (params.sandbox ?? undefined) !== undefined });
  }

  /** What is to happen to it besides what its caller does. */
  #attend({ process, channel }: LaunchedProcess, options: StartOptions, terminateOnClose: boolean): void {
    // A source that failed has said half of what was to be said.
    process.inputSent.catch(() => endProcess(process, options, this.#session.clock));
    if (terminateOnClose) this.#endWithExecutor(process, channel);
  }

  #endWithExecutor(process: RunningProcess, channel: ProcessChannel): void {
    this.#toEnd.add(process);
    const ended = (): void => void this.#toEnd.delete(process);
    channel.closed.then(ended, ended);
  }

  #endWhenAborted({ process, channel }: LaunchedProcess, signal: AbortSignal, options: StartOptions): void {
    const onAbort = (): void => void endProcess(process, options, this.#session.clock);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const ended = (): void => signal.removeEventListener("abort", onAbort);
    channel.closed.then(ended, ended);
  }

  /** End those that are not to outlive the executor, and wait for it up to 2 s; as long for the answers to starts of such. Never rejects. */
  async endAll(): Promise<void> {
    if (this.#startsToEnd.size > 0 && this.#session.state.kind === "connected") {
      // Without the answer nobody can tell it to end, and the executor would keep it for its session.
      const answered = Promise.allSettled(this.#startsToEnd).then(() => {});
      await settledWithin(answered, TERMINATE_WAIT_MS, this.#session.clock);
    }
    await Promise.all([...this.#toEnd].map((process) => process[Symbol.asyncDispose]()));
  }

  /**
   * The processes of the executor's session: those that run, and those that ended and can still be read. In the order in which they
   * were started; `attach` takes their ids. Those with a session of their own (see `processConnections`) are not among them.
   *
   * @throws UnsupportedError - The executor lacks the capability `holdfastProcessControl`, as releases of Codex do.
   * @throws LinkError - There was no answer.
   */
  async list({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<ListedProcess[]> {
    if (!this.#environment.capabilities.holdfastProcessControl) {
      throw new UnsupportedError("processes.list", "the capability holdfastProcessControl");
    }
    return await listProcesses(this.#session.stub, { signal });
  }

  /**
   * Read along at a process of another client's session, which stays with that client; any number can. `takeInput` of the result is typing into it
   * for a while.
   *
   * @throws UnsupportedError - The executor lacks the capability `holdfastSharing`, as releases of Codex do.
   * @throws RemoteError - −32600: there is no such session, or no more. @throws UnknownProcessError - It has no such process.
   * @throws InvalidArgumentError - `processId` is missing, and it has several.
   * @throws LinkError - There was no answer.
   */
  async watch(target: WatchTarget): Promise<WatchedProcess> {
    this.#checkShares("processes.watch");
    return await watchProcess(this.#session, target);
  }

  /**
   * The processes of another client's session, as `list` tells those of one's own.
   *
   * @throws UnsupportedError, RemoteError, LinkError - As `watch`.
   */
  async listShared(target: Pick<WatchTarget, "sessionId" | "signal">): Promise<ListedProcess[]> {
    this.#checkShares("processes.listShared");
    return await listSharedProcesses(this.#session.stub, target);
  }

  #checkShares(operation: string): void {
    if (this.#environment.capabilities.holdfastSharing) return;
    throw new UnsupportedError(operation, "the capability holdfastSharing");
  }

  /** Finds out what an executor does not tell. Only asked after a refusal. */
  #look(signal: AbortSignal | undefined): StartLook {
    const { stub } = this.#session;
    return {
      platformOs: this.#environment.platformOs,
      async kindOf(path) {
        try {
          const { isDirectory } = await stub.fs.getMetadata({ path }, { timeoutMs: START_LOOK_TIMEOUT_MS, signal });
          return isDirectory ? "folder" : "other";
        } catch (error) {
          return isNotFound(error) ? "missing" : undefined;
        }
      },
    };
  }

  /** While the executor is out of reach this waits, as every other call does. */
  async #openOwn(own: OwnSessions, processId: string, signal: AbortSignal | undefined): Promise<Session | undefined> {
    await this.#session.line(METHOD, { signal });
    this.#checkFree(processId);
    return await own.open(processId, signal);
  }

  #checkFree(processId: string): void {
    if (this.#session.hasProcess(processId) || this.#own?.has(processId)) throw duplicateProcess(processId);
  }

  /**
   * Follow a process of this session that this client did not start; see `connect`'s `resumeSessionId`.
   *
   * What the executor retained after `afterSeq` is replayed, and then followed, without a loss or a repetition between
   * the two. Events that it no longer has are an `OutputGapError` for each subscriber, which can go on behind them.
   * Disposing of the result stops following the process and does not end it; nor do events that can not be put in order.
   *
   * @throws UnknownProcessError - The session has no such process, or no longer.
   * @throws InvalidArgumentError - This client follows it already; `afterSeq` is no sequence number, or ahead of it.
   * @throws RemoteError - The executor refused, e.g. -32600 while the process is starting.
   * @throws LinkError - There was no answer.
   */
  async attach(processId: string, options: AttachOptions = {}): Promise<RunningProcess> {
    text(processId, "processId");
    checkOptions(options, ATTACH_OPTIONS, "processes.attach");
    const { afterSeq = 0, signal } = options;
    const session = this.#session;
    const channel = session.openChannel(processId, { kind: "attached", afterSeq });
    try {
      const params = { processId, afterSeq, maxBytes: null, waitMs: 0 };
      session.adopt(channel, await session.stub.process.read(params, { signal }));
    } catch (error) {
      const reason = isUnknownProcess(error) ? new UnknownProcessError(processId, { cause: error }) : error;
      session.abandonChannel(channel, reason);
      throw withCallersStack(reason);
    }
    const control = this.#controlOf(session, { params: { processId }, mark: undefined });
    const stdin = stdinEndOf("attached", { processId, stub: session.stub, control, isOrdered: this.#isOrdered });
    const unknown = { sandboxType: undefined, pid: undefined };
    return new RunningProcess({ channel, session, cleanUp: undefined, ...unknown, stdin, source: undefined, control });
  }
}

function confinedOf(
  { sandbox, networkProxy, cwd }: ProcessStartParams,
  environment: Environment,
): ConfinedCommand | undefined {
  if (sandbox === undefined || sandbox === null) return undefined;
  return { sandbox, hasProxy: networkProxy !== undefined && networkProxy !== null, cwd, environment };
}

function isUnknownProcess(error: unknown): boolean {
  return (
    isRemoteError(error) && error.code === ERROR_CODES.InvalidRequest && error.message.includes("unknown process id")
  );
}
