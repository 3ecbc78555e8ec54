import type { InvalidMessageError } from "@holdfast/protocol-kit";
import type { AppServerClient } from "../gen/stub-types.gen.ts";
import type { ThreadItem, Turn, TurnStartParams } from "../gen/types.gen.ts";
import type { Approve } from "./approval.ts";
import { EventQueue } from "./event-queue.ts";
import type { RunLimits } from "./limits.ts";
import { inputParts, type Run, type RunInput, type RunOptions } from "./run.ts";
import { RunError, type RunErrorCode } from "./run-error.ts";
import { type RunEvent, turnIdOf } from "./run-event.ts";
import { RunReader } from "./run-reader.ts";
import { ResultBuilder, type RunResult } from "./run-result.ts";
import type { ConnectionNews, TurnFeed } from "./turn-feed.ts";

/** What a run works with. */
export interface RunParts {
  readonly client: AppServerClient;
  readonly feed: TurnFeed;
  readonly threadId: string;
  readonly limits: RunLimits;
  readonly after: ConnectionNews["after"];
}

/** The end of the turn, while commands of it may still end. */
interface Ending {
  readonly event: CompletedEvent;
  readonly timer: { cancel(): void };
}

type CompletedEvent = Extract<RunEvent, { readonly method: "turn/completed" }>;

type State =
  /** Notifications may come before the answer that names the turn. */
  | { readonly kind: "starting"; readonly early: EventQueue }
  | { readonly kind: "running"; readonly turnId: string }
  | { readonly kind: "completed"; readonly turnId: string; readonly result: RunResult }
  | { readonly kind: "failed"; readonly turnId: string | undefined; readonly error: unknown };

/** A {@link Run}: follows one turn from its start to its end. */
export class TurnRun implements Run {
  readonly turnId: Promise<string>;
  readonly approve: Approve | undefined;
  readonly #parts: RunParts;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: EventQueue;
  readonly #result: ResultBuilder;
  readonly #openItems = new Map<string, ThreadItem>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopListening: () => void;
  readonly #onAbort = (): unknown => this.#interruptFor("aborted", "the run was aborted", this.#signal?.reason);
  #state: State;
  #isRead = false;
  /** The reader waits for it. */
  #change: PromiseWithResolvers<void> | undefined;
  #ending: Ending | undefined;
  #interruption: Promise<void> | undefined;
  /** What the run is to end with, once the turn is interrupted. */
  #reason: RunError | undefined;

  constructor(parts: RunParts, input: RunInput, { signal, approve, ...params }: RunOptions) {
    const { limits, threadId } = parts;
    this.#parts = parts;
    this.#signal = signal;
    this.approve = approve;
    this.#queue = new EventQueue(limits.maxUnreadLength);
    this.#result = new ResultBuilder(limits.maxResultLength);
    this.#state = { kind: "starting", early: new EventQueue(limits.maxUnreadLength) };
    this.#stopListening = parts.feed.listen(threadId, {
      event: (event) => this.#onEvent(event),
      gone: (code, cause) => this.#onGone(code, cause),
      unreadableEnd: (cause) => void this.#checkEnd(cause),
    });
    this.turnId = this.#start({ ...params, threadId, input: inputParts(input) });
    // Whoever wants to know asks; the result tells it too.
    this.turnId.catch(() => {});
  }

  /** What began under this id and is not completed. */
  openItem(itemId: string): ThreadItem | undefined {
    return this.#openItems.get(itemId);
  }

  /** Whether a turn is that of this run: before it has a name, any may be. */
  mayBe(turnId: string | undefined): boolean {
    return turnId === undefined || this.#name === undefined || this.#name === turnId;
  }

  /** Resolves when the run is over. Never rejects. */
  get over(): Promise<void> {
    return this.#ended.promise;
  }

  /** The turn is interrupted, and the run ends with what the approval callback threw. */
  approvalFailed(cause: unknown): void {
    this.#interruptFor("approval", `the approval callback threw: ${textOf(cause)}`, cause);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ThreadItem> {
    return this.#reader((event) => (event.method === "item/completed" ? event.params.item : undefined));
  }

  events(): AsyncIterableIterator<RunEvent> {
    return this.#reader((event) => event);
  }

  async result(): Promise<RunResult> {
    await this.#ended.promise;
    if (this.#state.kind === "completed") return this.#state.result;
    throw this.#state.kind === "failed" ? this.#state.error : new Error("the run is not over");
  }

  async steer(input: RunInput): Promise<void> {
    const { client, threadId } = this.#parts;
    await client.turn.steer({ threadId, expectedTurnId: await this.turnId, input: inputParts(input) });
  }

  async interrupt(): Promise<void> {
    if (this.#ending !== undefined) this.#finish(this.#ending.event);
    if (this.#isOver) return;
    this.#interruption ??= this.#interrupt();
    await this.#interruption;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.interrupt();
  }

  get #isOver(): boolean {
    return this.#state.kind === "completed" || this.#state.kind === "failed";
  }

  get #name(): string | undefined {
    return this.#state.kind === "starting" ? undefined : this.#state.turnId;
  }

  #reader<Value>(choose: (event: RunEvent) => Value | undefined): RunReader<RunEvent, Value> {
    if (this.#isRead) throw new Error("a run can be read once; its result has all items");
    this.#isRead = true;
    return new RunReader<RunEvent, Value>(
      {
        shift: () => this.#queue.shift(),
        isAtEnd: () => this.#isAtEnd(),
        changed: () => {
          this.#change ??= Promise.withResolvers();
          return this.#change.promise;
        },
        leave: () => this.#leave(),
      },
      choose,
    );
  }

  #isAtEnd(): boolean {
    if (this.#queue.isOverrun) throw this.#overrun();
    if (this.#state.kind === "failed") throw this.#state.error;
    return this.#state.kind === "completed";
  }

  async #leave(): Promise<void> {
    this.#queue.clear();
    this.#tellReader();
    this.#interruptFor("aborted", "the loop over the run was left before its end");
    await this.interrupt();
  }

  #tellReader(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }

  async #start(params: TurnStartParams): Promise<string> {
    try {
      if (this.#signal?.aborted)
        throw this.#error("aborted", "the run was aborted before it began", this.#signal.reason);
      this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
      // The call is not given the signal: nobody would know then whether the turn has begun.
      const { turn } = await this.#parts.client.turn.start(params);
      if (this.#state.kind === "starting") this.#onStarted(turn.id, this.#state.early);
      else this.#interruptUnfollowed(turn.id);
      return turn.id;
    } catch (error) {
      this.#end({ kind: "failed", turnId: undefined, error });
      throw this.#state.kind === "failed" ? this.#state.error : error;
    }
  }

  /** The run was over before its turn began: on a connection that came after the one that was lost. */
  #interruptUnfollowed(turnId: string): void {
    const { client, threadId, limits } = this.#parts;
    const options = { timeoutMs: limits.interruptTimeoutMs, urgent: true };
    client.turn.interrupt({ threadId, turnId }, options).catch(() => {});
  }

  #onStarted(turnId: string, early: EventQueue): void {
    this.#state = { kind: "running", turnId };
    if (early.isOverrun) this.#overrun();
    for (let event = early.shift(); event !== undefined; event = early.shift()) this.#onEvent(event);
  }

  #onEvent(event: RunEvent): void {
    const state = this.#state;
    if (state.kind === "starting") state.early.push(event);
    if (state.kind !== "running" || turnIdOf(event) !== state.turnId) return;
    if (event.method === "turn/completed") {
      this.#onTurnOver(event);
      return;
    }
    this.#note(event);
    this.#queue.push(event);
    if (this.#isRead && this.#queue.isOverrun) this.#overrun();
    this.#tellReader();
    if (this.#ending !== undefined && !this.#hasOpenCommands) this.#finish(this.#ending.event);
  }

  #onTurnOver(event: CompletedEvent): void {
    const { after, limits } = this.#parts;
    if (this.#ending !== undefined) return;
    if (event.params.turn.status !== "completed" || !this.#hasOpenCommands || after === undefined) {
      this.#finish(event);
    } else {
      this.#ending = { event, timer: after(limits.lateItemsMs, () => this.#finish(event)) };
    }
  }

  get #hasOpenCommands(): boolean {
    return [...this.#openItems.values()].some(({ type }) => type === "commandExecution");
  }

  #finish(event: CompletedEvent): void {
    if (this.#state.kind !== "running") return;
    this.#queue.push(event);
    this.#onCompleted(event.params.turn, this.#state.turnId);
    this.#tellReader();
  }

  #note(event: RunEvent): void {
    if (event.method === "thread/tokenUsage/updated") this.#result.usage(event.params.tokenUsage);
    if (event.method !== "item/started" && event.method !== "item/completed") return;
    const { item } = event.params;
    if (event.method === "item/completed") {
      this.#openItems.delete(item.id);
      this.#result.item(item);
    } else if (this.#openItems.size < this.#parts.limits.maxOpenItems) {
      this.#openItems.set(item.id, item);
    }
  }

  #onCompleted(turn: Turn, turnId: string): void {
    if (this.#reason !== undefined) {
      this.#end({ kind: "failed", turnId, error: this.#reason });
    } else if (turn.status === "failed") {
      const of = { threadId: this.#parts.threadId, turnId, turnError: turn.error ?? undefined };
      const why = turn.error?.message ?? "the server does not say why";
      this.#end({ kind: "failed", turnId, error: new RunError("failed", `the turn failed: ${why}`, of) });
    } else {
      this.#end({ kind: "completed", turnId, result: this.#result.build(this.#parts.threadId, turn) });
    }
  }

  #onGone(code: "lost" | "closed", cause: unknown): void {
    if (this.#ending !== undefined) {
      this.#finish(this.#ending.event);
      return;
    }
    const what = code === "lost" ? "the connection was lost" : "the thread was closed";
    const error = this.#error(code, `${what} in the middle of the turn: ${textOf(cause)}`, cause);
    this.#end({ kind: "failed", turnId: this.#name, error });
  }

  /** Whether it was the end of this turn that can not be read, the state of the thread tells. Never rejects. */
  async #checkEnd(cause: InvalidMessageError): Promise<void> {
    const { client, threadId, limits } = this.#parts;
    try {
      await this.turnId;
      const { thread } = await client.thread.read({ threadId }, { timeoutMs: limits.interruptTimeoutMs });
      if (thread.status.type === "active") return;
    } catch {
      // Nobody could say when the turn is over, or whether.
    }
    const error = this.#error(
      "unreadable",
      `the turn may be over, but its end can not be read: ${cause.message}`,
      cause,
    );
    this.#end({ kind: "failed", turnId: this.#name, error });
  }

  #overrun(): RunError {
    const { maxUnreadLength } = this.#parts.limits;
    return this.#interruptFor("overrun", `what was not read went beyond ${maxUnreadLength} characters`);
  }

  /** @returns what the run ends with, or would have if it were not over. */
  #interruptFor(code: RunErrorCode, message: string, cause?: unknown): RunError {
    const error = this.#reason ?? this.#error(code, message, cause);
    if (!this.#isOver) this.#reason = error;
    void this.interrupt();
    return error;
  }

  /** Never rejects. The run is over when it resolves. */
  async #interrupt(): Promise<void> {
    const { client, threadId, limits } = this.#parts;
    const options = { timeoutMs: limits.interruptTimeoutMs, urgent: true };
    try {
      const params = { threadId, turnId: await this.turnId };
      await client.turn.interrupt(params, options);
      // What the first one brought about is told before the second one is answered, which finds no turn any more.
      if (!this.#isOver) await client.turn.interrupt(params, options);
    } catch {
      // The turn was over, or there is no answer. A connection that is gone tells so itself.
    }
    const error =
      this.#reason ?? this.#error("aborted", "the server did not tell the end of the turn that was interrupted");
    this.#end({ kind: "failed", turnId: this.#name, error });
  }

  #end(state: Extract<State, { readonly kind: "completed" | "failed" }>): void {
    if (this.#isOver) return;
    this.#state = state;
    this.#ending?.timer.cancel();
    this.#stopListening();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#openItems.clear();
    this.#tellReader();
    this.#ended.resolve();
  }

  #error(code: RunErrorCode, message: string, cause?: unknown): RunError {
    const options = cause === undefined ? {} : { cause };
    return new RunError(code, message, { threadId: this.#parts.threadId, turnId: this.#name }, options);
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
