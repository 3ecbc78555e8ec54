import type { Turn, TurnError, UserInput } from "@holdfast/app-server-protocol";
import type { Clock } from "@holdfast/rpc";
import type { ThreadRuntime, TurnTask } from "../turn/thread-runtime.ts";
import type { TurnOutcome } from "../turn/turn-port.ts";
import { uuidV7 } from "../uuid-v7.ts";
import { ActiveTurn } from "./active-turn.ts";
import type { Conversation } from "./conversation.ts";
import { INTERRUPT_GRACE_MS } from "./limits.ts";
import { messageOf } from "./message-of.ts";
import { refused } from "./refusals.ts";
import type { ThreadActivity } from "./thread-activity.ts";
import type { ThreadAudience } from "./thread-audience.ts";
import type { FullSettings } from "./thread-settings.ts";
import { TurnNotices } from "./turn-notices.ts";
import { turnEndRecord } from "./turn-records.ts";
import { beginningTurn, turnWithoutItems } from "./turn-without-items.ts";

/** What is said to a thread. */
export interface Said {
  readonly input: readonly UserInput[];
  /** Of the message, as the client calls it. */
  readonly clientId?: string | undefined;
  readonly outputSchema?: unknown;
}

export interface ThreadTurnsParts {
  readonly conversation: Conversation;
  readonly audience: ThreadAudience;
  readonly activity: ThreadActivity;
  readonly clock: Clock;
  readonly runtime: () => ThreadRuntime;
  readonly settings: () => FullSettings;
  /** Called when something happens. @param atMs - Milliseconds since 1970. */
  readonly onUpdate: (atMs: number) => void;
  /** Called when a turn has ended, before anybody is told so. */
  readonly onTurnEnd: ((turnId: string) => void) | undefined;
}

const MS_PER_SECOND = 1_000;

/** The turns of a thread: one runs, and one may wait for it. */
export class ThreadTurns {
  readonly notices: TurnNotices;
  readonly #parts: ThreadTurnsParts;
  #active: ActiveTurn | undefined;
  /** Begins when the active one has ended. */
  #next: ActiveTurn | undefined;
  #isClosed = false;

  constructor(parts: ThreadTurnsParts) {
    this.#parts = parts;
    const { conversation, audience, activity } = parts;
    this.notices = new TurnNotices({ conversation, audience, activity, active: () => this.#active });
  }

  /** The one that runs. */
  get active(): ActiveTurn | undefined {
    return this.#active;
  }

  /**
   * Answer what is said: in the turn that runs, where it takes it, or in one of its own.
   *
   * @returns the turn. It begins when `begin` is called: whoever asked can be told of it before.
   */
  start({ input, clientId, outputSchema }: Said): { readonly turn: Turn; readonly begin: () => void } {
    const said = input.length === 0 ? undefined : { content: input, clientId };
    const running = this.#active?.takesInput === true ? this.#active : this.#next;
    if (running !== undefined && running.task.kind === "answer") {
      if (said !== undefined) running.say(said);
      return { turn: beginningTurn(running.id), begin: () => {} };
    }
    const turn = this.#enqueue({ kind: "answer", ...(outputSchema === undefined ? {} : { outputSchema }) });
    if (said !== undefined) turn.say(said);
    return { turn: beginningTurn(turn.id), begin: () => this.#beginNext() };
  }

  /** @throws RpcFault - That turn does not run, or takes nothing. */
  steer({ input, clientId }: Said, expectedTurnId: string): string {
    const active = this.#active;
    if (active === undefined) throw refused("no active turn to steer");
    if (active.id !== expectedTurnId) {
      throw refused(`expected active turn id \`${expectedTurnId}\` but found \`${active.id}\``);
    }
    if (!active.takesInput) throw refused("cannot steer a turn that takes no input");
    active.say({ content: input, clientId });
    return active.id;
  }

  /** @returns what interrupts the turn. @throws RpcFault - That turn does not run. */
  interruption(turnId: string): () => void {
    const active = this.#active;
    if (active === undefined) throw refused("no active turn to interrupt");
    if (active.id !== turnId) throw refused(`expected active turn id ${turnId} but found ${active.id}`);
    return () => active.interrupt();
  }

  /** Make the conversation shorter, in a turn of its own. The one that runs ends. @returns what begins it. */
  compaction(): () => void {
    this.#enqueue({ kind: "compact" });
    return () => {
      this.#active?.interrupt();
      this.#beginNext();
    };
  }

  /** Run a command of the user: beside the turn that runs, or in one of its own. @returns what begins it. */
  shellCommand(command: string): () => void {
    const active = this.#active;
    if (active === undefined || active.signal.aborted) {
      this.#enqueue({ kind: "shell-command", command });
      return () => this.#beginNext();
    }
    const { runtime, settings } = this.#parts;
    const port = this.notices.port(active.id, active);
    return () =>
      void runtime()
        .shellCommand(port, settings(), command, active.signal)
        .catch((error: unknown) => this.notices.warn(`the command did not run: ${messageOf(error)}`));
  }

  /** Begin none any more, and wait for the end of the one that runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#next = undefined;
    const active = this.#active;
    active?.interrupt();
    await active?.ended;
  }

  #enqueue(task: TurnTask): ActiveTurn {
    if (this.#isClosed) throw refused(`thread not found: ${this.#parts.conversation.threadId}`);
    if (this.#next !== undefined) throw refused("another turn waits for the one that runs: wait until it has begun");
    const notYet = { startedAt: null, completedAt: null, durationMs: null };
    this.#next = new ActiveTurn({ id: uuidV7(), items: [], status: "inProgress", error: null, ...notYet }, task);
    return this.#next;
  }

  #beginNext(): void {
    if (this.#active !== undefined || this.#next === undefined || this.#isClosed) return;
    const turn = this.#next;
    this.#next = undefined;
    this.#active = turn;
    void this.#run(turn);
  }

  async #run(turn: ActiveTurn): Promise<void> {
    const { conversation, audience, activity, settings, onUpdate } = this.#parts;
    const { threadId } = conversation;
    turn.startedAtMs = Date.now();
    const startedAt = Math.floor(turn.startedAtMs / MS_PER_SECOND);
    const entry = conversation.index.adopt(turn.entry);
    entry.startedAt = startedAt;
    onUpdate(turn.startedAtMs);
    let outcome: TurnOutcome;
    activity.begin();
    audience.notify("turn/started", { threadId, turn: { ...beginningTurn(turn.id), startedAt } });
    try {
      conversation.beginTurn(turn.id, startedAt, settings());
      outcome = await this.#outcome(turn);
    } catch (error) {
      outcome = failure(messageOf(error));
    }
    this.#finish(turn, outcome);
  }

  /** It runs again for what was said when it was about to end. */
  async #outcome(turn: ActiveTurn): Promise<TurnOutcome> {
    const { runtime, settings } = this.#parts;
    const port = this.notices.port(turn.id, turn);
    let outcome: TurnOutcome;
    do {
      outcome = await this.#inTime(turn, runtime().runTurn(port, settings(), turn.task, turn.signal));
    } while (outcome.status === "completed" && turn.hasInput && turn.takesInput);
    return outcome;
  }

  /** An interrupted turn that does not end is left behind. */
  async #inTime(turn: ActiveTurn, running: Promise<TurnOutcome>): Promise<TurnOutcome> {
    const late = Promise.withResolvers<TurnOutcome>();
    const timers: { cancel(): void }[] = [];
    const wait = (): void => {
      timers.push(this.#parts.clock.after(INTERRUPT_GRACE_MS, () => late.resolve({ status: "interrupted" })));
    };
    if (turn.signal.aborted) wait();
    else turn.signal.addEventListener("abort", wait, { once: true });
    try {
      return await Promise.race([running, late.promise]);
    } finally {
      turn.signal.removeEventListener("abort", wait);
      for (const timer of timers) timer.cancel();
    }
  }

  #finish(turn: ActiveTurn, outcome: TurnOutcome): void {
    const { conversation, audience, activity, onUpdate, onTurnEnd } = this.#parts;
    const { entry } = turn;
    const completedAtMs = Date.now();
    const error = outcome.status === "failed" ? (outcome.error as TurnError) : null;
    entry.status = outcome.status;
    entry.error = error;
    entry.completedAt = Math.floor(completedAtMs / MS_PER_SECOND);
    entry.durationMs = completedAtMs - turn.startedAtMs;
    onUpdate(completedAtMs);
    if (error !== null && !turn.hasToldError) this.notices.tellError(turn.id, error);
    try {
      conversation.keep([turnEndRecord(turn)]);
    } catch (problem) {
      this.notices.warn(`the end of the turn is not kept: ${messageOf(problem)}`);
    }
    this.#active = undefined;
    this.notices.endTurn();
    onTurnEnd?.(turn.id);
    activity.end(outcome.status === "failed");
    const summary = outcome.status === "completed" && turn.lastMessage !== undefined ? [turn.lastMessage] : [];
    audience.notify("turn/completed", {
      threadId: conversation.threadId,
      turn: {
        ...turnWithoutItems(entry),
        items: summary,
        itemsView: summary.length > 0 ? "summary" : "notLoaded",
      },
    });
    turn.end();
    this.#beginNext();
  }
}

function failure(message: string): TurnOutcome {
  return { status: "failed", error: { message, codexErrorInfo: "other", additionalDetails: null } };
}
