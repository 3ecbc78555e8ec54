import type {
  ServerNotices,
  ThreadItem,
  ThreadStatus,
  ThreadTokenUsage,
  Turn,
  TurnError,
  UserInput,
  Thread as WireThread,
} from "@holdfast/app-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { elicitationPolicy } from "../mcp/elicitation-wire.ts";
import type { McpThread, ThreadMcp } from "../mcp/thread-mcp.ts";
import type { ResponseItem } from "../model/response-item.ts";
import { previewOf } from "../rollout/load-rollout.ts";
import type { RolloutRecord } from "../rollout/rollout-record.ts";
import { RolloutChangedError } from "../rollout/rollout-writer.ts";
import { appliedSettingsRecord, turnContextRecord } from "../rollout/settings-record.ts";
import type { ThreadMeta } from "../rollout/thread-meta.ts";
import { tokenCountRecord } from "../rollout/token-usage-record.ts";
import { type TurnEntry, TurnIndex } from "../rollout/turn-index.ts";
import type { BackgroundTerminal, OpenThreadRuntime, ThreadRuntime, TurnTask } from "../turn/thread-runtime.ts";
import type { TurnNotice, TurnOutcome, TurnPort } from "../turn/turn-port.ts";
import { uuidV7 } from "../uuid-v7.ts";
import { ActiveTurn } from "./active-turn.ts";
import { INTERRUPT_GRACE_MS } from "./limits.ts";
import { refused } from "./refusals.ts";
import { ThreadActivity } from "./thread-activity.ts";
import type { ThreadAudience } from "./thread-audience.ts";
import type { ThreadLog } from "./thread-log.ts";
import {
  changedSettings,
  type FullSettings,
  type SettingsChange,
  settingsEqual,
  settingsForClients,
} from "./thread-settings.ts";
import { emptyThreadView } from "./thread-view.ts";
import { turnEndRecord, turnStartRecord } from "./turn-records.ts";
import { beginningTurn, turnWithoutItems } from "./turn-without-items.ts";

/** What a thread begins with. */
export interface ThreadStart {
  readonly meta: ThreadMeta;
  readonly settings: FullSettings;
  /** Where it is kept. Undefined: nowhere. */
  readonly log: ThreadLog | undefined;
  readonly audience: ThreadAudience;
  readonly openRuntime: OpenThreadRuntime;
  readonly clock: Clock;
  readonly name?: string | undefined;
  readonly preview?: string | undefined;
  readonly history?: readonly ResponseItem[] | undefined;
  readonly index?: TurnIndex | undefined;
  readonly usage?: ThreadTokenUsage | undefined;
  /** How often the conversation was made shorter. */
  readonly compactions?: number | undefined;
  /** Makes its MCP servers, which it ends. */
  readonly openMcp: (thread: Omit<McpThread, "threadId">) => ThreadMcp;
  /** Called when a turn has ended, before anybody is told so. */
  readonly onTurnEnd?: ((turnId: string) => void) | undefined;
  /** Unix milliseconds. Default: now. */
  readonly updatedAtMs?: number | undefined;
}

/** What is said to a thread. */
export interface Said {
  readonly input: readonly UserInput[];
  /** Of the message, as the client calls it. */
  readonly clientId?: string | undefined;
  readonly outputSchema?: unknown;
}

const MS_PER_SECOND = 1_000;

/** A thread that is loaded: its conversation, its turns, what holds for them, and who hears of it. */
export class Thread implements AsyncDisposable {
  readonly meta: ThreadMeta;
  readonly log: ThreadLog | undefined;
  readonly index: TurnIndex;
  readonly #audience: ThreadAudience;
  readonly #openRuntime: OpenThreadRuntime;
  readonly #openMcp: ThreadStart["openMcp"];
  readonly #clock: Clock;
  readonly #onTurnEnd: ThreadStart["onTurnEnd"];
  readonly #startedItems = new Map<string, number>();
  readonly #activity: ThreadActivity;
  #history: ResponseItem[];
  #settings: FullSettings;
  #keptSettings: FullSettings | undefined;
  #compactions: number;
  readonly #mcp: ThreadMcp;
  #runtime: ThreadRuntime | undefined;
  #active: ActiveTurn | undefined;
  /** Begins when the active one has ended. */
  #next: ActiveTurn | undefined;
  #usage: ThreadTokenUsage | undefined;
  #name: string | undefined;
  #preview: string;
  #updatedAtMs: number;
  #isStale = false;
  #isDisposed = false;

  constructor(start: ThreadStart) {
    this.meta = start.meta;
    this.log = start.log;
    this.index = start.index ?? new TurnIndex();
    this.#audience = start.audience;
    this.#activity = new ThreadActivity((status) => {
      this.#audience.notifyAll("thread/status/changed", { threadId: this.id, status });
    });
    this.#openRuntime = start.openRuntime;
    this.#openMcp = start.openMcp;
    this.#clock = start.clock;
    this.#onTurnEnd = start.onTurnEnd;
    this.#compactions = start.compactions ?? 0;
    this.#history = [...(start.history ?? [])];
    this.#settings = start.settings;
    this.#usage = start.usage;
    this.#name = start.name;
    this.#preview = start.preview ?? "";
    this.#updatedAtMs = start.updatedAtMs ?? Date.now();
    this.#mcp = this.#openedMcp();
  }

  get id(): string {
    return this.meta.id;
  }

  get isEphemeral(): boolean {
    return this.log === undefined;
  }

  /** It is kept, or has something that is worth it. */
  get isMaterialized(): boolean {
    return this.log?.exists === true;
  }

  /** Another program has written to its file: it has to be loaded anew. */
  get isStale(): boolean {
    return this.#isStale;
  }

  get settings(): FullSettings {
    return this.#settings;
  }

  get history(): readonly ResponseItem[] {
    return this.#history;
  }

  get usage(): ThreadTokenUsage | undefined {
    return this.#usage;
  }

  get status(): ThreadStatus {
    return this.#activity.status;
  }

  get preview(): string {
    return this.#preview;
  }

  get activeTurn(): TurnEntry | undefined {
    return this.#active?.entry;
  }

  /** Nothing happens in it. */
  get isQuiet(): boolean {
    return this.#active === undefined && this.backgroundTerminals().length === 0;
  }

  get name(): string | undefined {
    return this.#name;
  }

  set name(name: string | undefined) {
    this.#name = name;
  }

  /** As clients see it, without its turns. */
  view(): WireThread {
    return {
      ...emptyThreadView(this.meta, this.log?.path),
      preview: this.#preview,
      modelProvider: this.#settings.modelProvider,
      model: this.#settings.model,
      reasoningEffort: this.#settings.effort ?? null,
      environments: settingsForClients(this.#settings).environments ?? null,
      cwd: this.#settings.cwd,
      ephemeral: this.isEphemeral,
      status: this.#activity.status,
      updatedAt: Math.floor(this.#updatedAtMs / MS_PER_SECOND),
      recencyAt: Math.floor(this.#updatedAtMs / MS_PER_SECOND),
      canAcceptDirectInput: true,
      name: this.#name ?? null,
    };
  }

  /** @returns whether something is different now; then those that listen are told. */
  changeSettings(change: SettingsChange): boolean {
    const settings = changedSettings(this.#settings, change);
    if (settingsEqual(settings, this.#settings)) return false;
    this.#settings = settings;
    if (this.isMaterialized) this.#keep(this.#settingsToKeep());
    const threadSettings = settingsForClients(settings);
    this.#audience.notify("thread/settings/updated", { threadId: this.id, threadSettings });
    return true;
  }

  /**
   * Answer what is said: in the turn that runs, where it takes it, or in one of its own.
   *
   * @returns the turn. It begins when `begin` is called: whoever asked can be told of it before.
   */
  startTurn({ input, clientId, outputSchema }: Said): { readonly turn: Turn; readonly begin: () => void } {
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
    const port = this.#port(active.id, active);
    return () =>
      void this.#openedRuntime()
        .shellCommand(port, this.#settings, command, active.signal)
        .catch((error: unknown) => this.#warn(`the command did not run: ${messageOf(error)}`));
  }

  /** Add to the conversation, as if it had been said. @throws Error - It can not be kept. */
  inject(items: readonly ResponseItem[]): void {
    this.#record(items);
  }

  backgroundTerminals(): readonly BackgroundTerminal[] {
    return this.#runtime?.backgroundTerminals() ?? [];
  }

  async endBackgroundTerminal(processId: number): Promise<boolean> {
    return (await this.#runtime?.endBackgroundTerminal(processId)) ?? false;
  }

  async endBackgroundTerminals(): Promise<void> {
    await Promise.all(this.backgroundTerminals().map(({ processId }) => this.endBackgroundTerminal(processId)));
  }

  /** End the turn that runs and all that goes on. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#next = undefined;
    const active = this.#active;
    active?.interrupt();
    await active?.ended;
    try {
      await this.#runtime?.[Symbol.asyncDispose]();
      await this.#mcp[Symbol.asyncDispose]();
    } catch (error) {
      this.#warn(`not all of the thread has ended: ${messageOf(error)}`);
    }
    this.log?.[Symbol.dispose]();
  }

  #enqueue(task: TurnTask): ActiveTurn {
    if (this.#isDisposed) throw refused(`thread not found: ${this.id}`);
    if (this.#next !== undefined) throw refused("another turn waits for the one that runs: wait until it has begun");
    this.#next = new ActiveTurn(
      {
        id: uuidV7(),
        items: [],
        status: "inProgress",
        error: null,
        startedAt: null,
        completedAt: null,
        durationMs: null,
      },
      task,
    );
    return this.#next;
  }

  #beginNext(): void {
    if (this.#active !== undefined || this.#next === undefined || this.#isDisposed) return;
    const turn = this.#next;
    this.#next = undefined;
    this.#active = turn;
    void this.#run(turn);
  }

  async #run(turn: ActiveTurn): Promise<void> {
    turn.startedAtMs = Date.now();
    const startedAt = Math.floor(turn.startedAtMs / MS_PER_SECOND);
    const entry = this.index.adopt(turn.entry);
    entry.startedAt = startedAt;
    this.#updatedAtMs = turn.startedAtMs;
    let outcome: TurnOutcome;
    this.#activity.begin();
    this.#audience.notify("turn/started", { threadId: this.id, turn: { ...beginningTurn(turn.id), startedAt } });
    try {
      this.#keep([
        turnStartRecord(turn.id, startedAt),
        turnContextRecord(turn.id, this.#settings),
        ...this.#settingsToKeep(),
      ]);
      outcome = await this.#outcome(turn);
    } catch (error) {
      outcome = failure(messageOf(error));
    }
    this.#finish(turn, outcome);
  }

  /** It runs again for what was said when it was about to end. */
  async #outcome(turn: ActiveTurn): Promise<TurnOutcome> {
    const port = this.#port(turn.id, turn);
    let outcome: TurnOutcome;
    do {
      outcome = await this.#inTime(turn, this.#openedRuntime().runTurn(port, this.#settings, turn.task, turn.signal));
    } while (outcome.status === "completed" && turn.hasInput && turn.takesInput);
    return outcome;
  }

  /** An interrupted turn that does not end is left behind. */
  async #inTime(turn: ActiveTurn, running: Promise<TurnOutcome>): Promise<TurnOutcome> {
    const late = Promise.withResolvers<TurnOutcome>();
    const timers: { cancel(): void }[] = [];
    const wait = (): void => {
      timers.push(this.#clock.after(INTERRUPT_GRACE_MS, () => late.resolve({ status: "interrupted" })));
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
    const { entry } = turn;
    const completedAtMs = Date.now();
    const error = outcome.status === "failed" ? (outcome.error as TurnError) : null;
    entry.status = outcome.status;
    entry.error = error;
    entry.completedAt = Math.floor(completedAtMs / MS_PER_SECOND);
    entry.durationMs = completedAtMs - turn.startedAtMs;
    this.#updatedAtMs = completedAtMs;
    if (error !== null && !turn.hasToldError) this.#tellError(turn.id, error);
    try {
      this.#keep([turnEndRecord(turn)]);
    } catch (problem) {
      this.#warn(`the end of the turn is not kept: ${messageOf(problem)}`);
    }
    this.#active = undefined;
    this.#startedItems.clear();
    this.#onTurnEnd?.(turn.id);
    this.#activity.end(outcome.status === "failed");
    const summary = outcome.status === "completed" && turn.lastMessage !== undefined ? [turn.lastMessage] : [];
    this.#audience.notify("turn/completed", {
      threadId: this.id,
      turn: {
        ...turnWithoutItems(entry),
        items: summary,
        itemsView: summary.length > 0 ? "summary" : "notLoaded",
      },
    });
    turn.end();
    this.#beginNext();
  }

  #tellError(turnId: string, error: TurnError): void {
    this.#activity.fail();
    this.#audience.notify("error", { threadId: this.id, turnId, error, willRetry: false });
    const payload = { type: "error", message: error.message, codex_error_info: "other" };
    try {
      this.#keep([{ type: "event_msg", payload }]);
    } catch {
      // The disk may be what has failed.
    }
  }

  #openedRuntime(): ThreadRuntime {
    this.#runtime ??= this.#openRuntime({
      threadId: this.id,
      sessionId: this.meta.sessionId,
      mcp: this.#mcp,
      capabilityRoots: this.meta.capabilityRoots,
      tokenUsage: this.#usage,
      compactions: this.#compactions,
      port: (turnId) => this.#port(turnId, undefined),
    });
    return this.#runtime;
  }

  #openedMcp(): ThreadMcp {
    return this.#openMcp({
      cwd: this.#settings.cwd,
      overrides: this.#settings.config,
      policy: () => elicitationPolicy(this.#settings.approvalPolicy, this.#settings.sandboxPolicy),
      ask: (question, signal) => {
        const params = { ...question, threadId: this.id, turnId: this.#active?.id ?? null } as never;
        return this.#activity.whileWaiting("waitingOnApproval", () =>
          this.#audience.ask("mcpServer/elicitation/request", params, signal),
        );
      },
      onStatus: (status) => {
        this.#audience.notify("mcpServer/startupStatus/updated", { ...status, threadId: this.id });
      },
    });
  }

  /** @param turn - Undefined: it has ended, or there never was one. */
  #port(turnId: string, turn: ActiveTurn | undefined): TurnPort {
    const thread = this;
    return {
      threadId: this.id,
      turnId,
      get history() {
        return thread.#history;
      },
      record: (items) => this.#record(items),
      compact: (message, history) => {
        this.#keep([{ type: "compacted", payload: { message, replacement_history: history } }]);
        this.#history = [...history];
        this.#compactions += 1;
      },
      emit: (name, params) => {
        try {
          this.#emit(turnId, turn, name, params);
        } catch (error) {
          // Nobody waits for what goes on behind a turn.
          if (turn !== undefined && turn === this.#active) throw error;
          this.#warn(`not all of what happens is kept: ${messageOf(error)}`);
        }
      },
      ask: (name, params, signal) => {
        const asked = { ...params, threadId: this.id, turnId } as never;
        const waiting = name === "item/tool/requestUserInput" ? "waitingOnUserInput" : "waitingOnApproval";
        return name === "item/tool/call"
          ? this.#audience.ask(name, asked, signal)
          : this.#activity.whileWaiting(waiting, () => this.#audience.ask(name, asked, signal));
      },
      takeInput: () => turn?.takeInput() ?? [],
      onInput: (listener) => turn?.onInput(listener) ?? (() => {}),
    };
  }

  #record(items: readonly ResponseItem[]): void {
    this.#keep(items.map((payload) => ({ type: "response_item", payload })));
    this.#history.push(...items);
  }

  /** What holds, where the file does not say so yet: other programs go by that, and not by what held for a turn. */
  #settingsToKeep(): readonly RolloutRecord[] {
    if (this.#keptSettings === this.#settings) return [];
    this.#keptSettings = this.#settings;
    // What its first line says is not said again.
    const { baseInstructions } = this.#settings;
    const own = { baseInstructions: baseInstructions === this.meta.baseInstructions ? undefined : baseInstructions };
    return [appliedSettingsRecord(this.id, { ...this.#settings, ...own })];
  }

  #keep(records: Parameters<ThreadLog["append"]>[0]): void {
    try {
      this.log?.append(records);
    } catch (error) {
      if (error instanceof RolloutChangedError) this.#isStale = true;
      throw error;
    }
  }

  #emit<Name extends TurnNotice>(turnId: string, turn: ActiveTurn | undefined, name: Name, params: object): void {
    const told = { ...params, threadId: this.id, turnId } as unknown as ServerNotices[Name];
    switch (name) {
      case "item/started":
        this.#itemStarted(told as ServerNotices["item/started"]);
        return;
      case "item/completed":
        this.#itemCompleted(turn, told as ServerNotices["item/completed"]);
        return;
      case "thread/tokenUsage/updated":
        this.#usage = (told as ServerNotices["thread/tokenUsage/updated"]).tokenUsage;
        this.#keep([tokenCountRecord(this.#usage)]);
        break;
      case "error": {
        const { willRetry, error } = told as ServerNotices["error"];
        if (!willRetry) {
          if (turn !== undefined) turn.hasToldError = true;
          this.#tellError(turnId, error);
          return;
        }
        break;
      }
    }
    this.#audience.notify(name, told);
  }

  #itemStarted(params: ServerNotices["item/started"]): void {
    const { startedAtMs } = params;
    this.#startedItems.set(params.item.id, startedAtMs);
    this.#audience.notify("item/started", {
      ...params,
      item: { ...params.item, startedAtMs, completedAtMs: null } as ThreadItem,
    });
  }

  #itemCompleted(turn: ActiveTurn | undefined, params: ServerNotices["item/completed"]): void {
    const { completedAtMs, turnId } = params;
    const { id, type } = params.item;
    const startedAtMs = this.#startedItems.get(id) ?? params.item.startedAtMs ?? completedAtMs;
    const item = { ...params.item, startedAtMs, completedAtMs } as ThreadItem;
    this.#startedItems.delete(id);
    if (item.type === "agentMessage" && turn !== undefined) turn.lastMessage = item;
    if (item.type === "userMessage" && this.#preview === "") {
      this.#preview = previewOf((item as { readonly content: unknown }).content);
    }
    const place = this.log?.appendItem(this.id, turnId, item, [startedAtMs, completedAtMs]);
    if (place !== undefined) this.index.add({ id, type, turnId, startedAtMs, completedAtMs, place });
    this.#audience.notify("item/completed", { ...params, item, contentTokenCount: null });
  }

  #warn(message: string): void {
    this.#audience.notify("warning", { threadId: this.id, message });
  }
}

function failure(message: string): TurnOutcome {
  return { status: "failed", error: { message, codexErrorInfo: "other", additionalDetails: null } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
