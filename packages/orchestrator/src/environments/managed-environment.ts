import { type ConnectOptions, connect, type Executor, type ExecutorState } from "@holdfast/exec-client";
import type { Clock, Timer } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import { attemptFailure } from "./attempt-failure.ts";
import type { ConnectPlan } from "./connect-plan.ts";
import { EnvironmentError } from "./environment-error.ts";
import type { EnvironmentHandle } from "./environment-handle.ts";
import type { EnvironmentState, EnvironmentStatus } from "./environment-status.ts";
import { foundWithin } from "./found-within.ts";
import { PENDING_URL_TIMEOUT_MS, RETIRED_CHECK_MS } from "./limits.ts";
import { withoutSecrets } from "./secrets.ts";

export interface ManagedEnvironmentParts {
  readonly id: string;
  readonly plan: ConnectPlan;
  /** Takes the place of the plan once it is known. Default: there is no other. */
  readonly awaitedPlan?: Promise<ConnectPlan> | undefined;
  readonly requiredSkills: readonly string[];
  readonly clientName: string;
  readonly recovery: ConnectOptions["recovery"];
  readonly processConnections: ConnectOptions["processConnections"];
  /** Whether a first attempt that failed is repeated at the next use. */
  readonly retryFailedStart: boolean;
  readonly clock: Clock;
  readonly onChange: (environment: ManagedEnvironment) => void;
  /** Nobody gets it any more. @param closed - Resolves when it holds nothing any more. Never rejects. */
  readonly onEnd: (environment: ManagedEnvironment, closed: Promise<void>) => void;
}

/**
 * - `connecting`: one attempt, shared by all who wait. Its promise never rejects unheard.
 * - `connected`: whether it is reachable at the moment, the executor knows.
 * - `disconnected`: it was connected, and the next use connects anew.
 * - `failed`: there will be no other attempt, unless each use is to make one.
 */
type State =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly attempt: Promise<Executor>; readonly stop: AbortController }
  | { readonly kind: "connected"; readonly executor: Executor }
  | { readonly kind: "disconnected" | "failed" | "ended"; readonly error: EnvironmentError };

/** An environment with its connection. The registry owns it, and ends it. */
export class ManagedEnvironment implements EnvironmentHandle {
  readonly id: string;
  readonly requiredSkills: readonly string[];
  readonly #parts: ManagedEnvironmentParts;
  #plan: ConnectPlan;
  #state: State = { kind: "idle" };
  #holds = 0;
  /** Why nobody else gets it any more. */
  #retiredBy: EnvironmentError | undefined;
  #check: Timer | undefined;
  /** Told when the connection stops being ready. */
  readonly #unready = new Set<(error: EnvironmentError) => void>();

  constructor(parts: ManagedEnvironmentParts) {
    this.id = parts.id;
    this.requiredSkills = parts.requiredSkills;
    this.#plan = parts.plan;
    this.#parts = parts;
  }

  get isRemote(): boolean {
    return this.#plan.isRemote;
  }

  get startsInBackground(): boolean {
    return this.#plan.startsInBackground;
  }

  get address(): string {
    return this.#plan.attempt.address;
  }

  get status(): EnvironmentStatus {
    const state = this.#state;
    switch (state.kind) {
      case "idle":
      case "connecting":
        return { state: state.kind };
      case "connected":
        return { state: stateOf(state.executor.state) };
      default:
        return { state: state.kind, error: state.error.message };
    }
  }

  /** Begin to connect, without waiting, where that has not begun. */
  start(): void {
    if (this.#state.kind === "idle") void this.#connect();
  }

  async executor(signal?: AbortSignal): Promise<Executor> {
    signal?.throwIfAborted();
    this.#noticeLoss();
    const state = this.#state;
    switch (state.kind) {
      case "connected":
        return state.executor;
      case "idle":
        return await untilAborted(this.#connect(), signal);
      case "connecting":
        return await untilAborted(state.attempt, signal);
      case "disconnected":
        if (this.#retiredBy === undefined) return await untilAborted(this.#connect(), signal);
        throw state.error;
      case "failed":
        if (this.#parts.retryFailedStart) return await untilAborted(this.#connect(), signal);
        throw state.error;
      case "ended":
        throw state.error;
    }
  }

  get current(): Executor | undefined {
    return this.#state.kind === "connected" ? this.#state.executor : undefined;
  }

  readyExecutor(): Executor {
    this.#noticeLoss();
    const state = this.#state;
    if (state.kind === "connected" && state.executor.state === "connected") return state.executor;
    throw this.#unreadyError();
  }

  async failFast<Result>(operation: (executor: Executor, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const executor = this.readyExecutor();
    const stop = new AbortController();
    const { promise: lost, reject } = Promise.withResolvers<never>();
    const onUnready = (error: EnvironmentError): void => {
      reject(error);
      stop.abort(error);
    };
    this.#unready.add(onUnready);
    try {
      return await Promise.race([operation(executor, stop.signal), lost]);
    } finally {
      this.#unready.delete(onUnready);
    }
  }

  hold(): Disposable {
    let isHeld = true;
    this.#holds += 1;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holds -= 1;
        this.#endWhenUnused();
      },
    };
  }

  /** Nobody else gets it: what is unfinished is given up, and a connection kept only for those who still use it. */
  retire(reason: EnvironmentError): void {
    this.#retiredBy ??= reason;
    if (this.#state.kind === "connected") this.#endWhenUnused();
    else this.#end(reason);
  }

  /** Close what there is, whoever uses it. */
  close(reason: EnvironmentError): void {
    this.#retiredBy ??= reason;
    this.#end(reason);
  }

  #connect(): Promise<Executor> {
    const isFirst = this.#state.kind === "idle" || this.#state.kind === "failed";
    const stop = new AbortController();
    const attempt = this.#attempt(stop.signal).then(
      async (executor) => {
        if (this.#isOf(stop)) {
          this.#enter({ kind: "connected", executor });
          this.#noticeLoss();
          return executor;
        }
        await executor.close();
        throw this.#retiredBy;
      },
      (error: unknown) => {
        if (!this.#isOf(stop)) throw this.#retiredBy;
        const failure = attemptFailure(error, this.#plan.attempt);
        this.#enter({ kind: isFirst || !this.#plan.reconnects ? "failed" : "disconnected", error: failure });
        throw failure;
      },
    );
    attempt.catch(() => {});
    this.#enter({ kind: "connecting", attempt, stop });
    return attempt;
  }

  #isOf(stop: AbortController): boolean {
    return this.#state.kind === "connecting" && this.#state.stop === stop;
  }

  async #attempt(signal: AbortSignal): Promise<Executor> {
    const { awaitedPlan, clientName, recovery, processConnections, clock } = this.#parts;
    const bounds = { signal, clock };
    if (awaitedPlan !== undefined) this.#plan = await foundWithin(PENDING_URL_TIMEOUT_MS, () => awaitedPlan, bounds);
    const { options, target, targetTimeoutMs } = this.#plan;
    return await connect(await foundWithin(targetTimeoutMs, target, bounds), {
      ...options,
      clientName,
      recovery,
      processConnections,
      // What was started over it is not to outlive the registry.
      terminateOnClose: true,
      signal,
      clock,
      onStateChange: () => this.#onExecutorState(),
    });
  }

  #onExecutorState(): void {
    this.#noticeLoss();
    if (this.#state.kind === "connected") this.#changed();
  }

  /** An executor that is out of reach for good is nobody's any more. */
  #noticeLoss(): void {
    const state = this.#state;
    if (state.kind !== "connected") return;
    const { executor } = state;
    if (executor.state === "connected" || executor.state === "recovering") return;
    this.#lose(executor, "exec-server transport closed");
    const lost = this.#state;
    // Why is known only when the connection is closed.
    void executor.closed.then(({ reason }) => {
      if (this.#state === lost) this.#lose(executor, `exec-server transport closed: ${reason}`);
    });
  }

  #lose(executor: Executor, text: string): void {
    const { secrets } = this.#plan.attempt;
    const error = new EnvironmentError("failed", withoutSecrets(text, secrets), { environmentId: this.id });
    const kind = this.#plan.reconnects ? "disconnected" : "failed";
    if (this.#retiredBy === undefined) this.#enter({ kind, error });
    else this.#end(error);
    executor.close().catch(() => {});
  }

  #endWhenUnused(): void {
    const state = this.#state;
    if (this.#retiredBy === undefined || state.kind !== "connected") return;
    this.#check?.cancel();
    this.#check = undefined;
    if (this.#holds > 0) return;
    if (state.executor.processes.openCount > 0) {
      this.#check = this.#parts.clock.after(RETIRED_CHECK_MS, () => this.#endWhenUnused());
      return;
    }
    this.#end(this.#retiredBy);
  }

  #end(error: EnvironmentError): void {
    const state = this.#state;
    if (state.kind === "ended") return;
    this.#check?.cancel();
    this.#enter({ kind: "ended", error });
    if (state.kind === "connecting") state.stop.abort(error);
    this.#parts.onEnd(this, closingOf(state));
  }

  #enter(state: State): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    if (this.status.state !== "ready" && this.#unready.size > 0) {
      const error = this.#unreadyError();
      for (const tell of [...this.#unready]) tell(error);
    }
    this.#parts.onChange(this);
  }

  #unreadyError(): EnvironmentError {
    const state = this.#state;
    if ("error" in state) return state.error;
    const [code, message] =
      state.kind === "connected"
        ? (["recovering", "exec-server environment is recovering"] as const)
        : (["not-ready", "exec-server environment is not ready"] as const);
    return new EnvironmentError(code, message, { environmentId: this.id });
  }
}

/** Between the loss of an executor and its being told, it is on its way out. */
function stateOf(state: ExecutorState): EnvironmentState {
  return state === "connected" ? "ready" : "recovering";
}

async function closingOf(state: State): Promise<void> {
  if (state.kind === "connected") await state.executor.close().catch(() => {});
  if (state.kind === "connecting") await state.attempt.catch(() => {});
}
