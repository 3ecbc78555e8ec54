import type { ThreadStatus, ThreadTokenUsage, Turn, Thread as WireThread } from "@holdfast/app-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { elicitationPolicy } from "../mcp/elicitation-wire.ts";
import type { McpThread, ThreadMcp } from "../mcp/thread-mcp.ts";
import type { ResponseItem } from "../model/response-item.ts";
import type { ThreadMeta } from "../rollout/thread-meta.ts";
import type { TurnEntry, TurnIndex } from "../rollout/turn-index.ts";
import type { BackgroundTerminal, OpenThreadRuntime, ThreadRuntime } from "../turn/thread-runtime.ts";
import { Conversation, type ConversationStart } from "./conversation.ts";
import { messageOf } from "./message-of.ts";
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
import { type Said, ThreadTurns } from "./thread-turns.ts";
import { emptyThreadView } from "./thread-view.ts";

/** What a thread begins with. */
export interface ThreadStart extends ConversationStart {
  readonly meta: ThreadMeta;
  readonly settings: FullSettings;
  readonly audience: ThreadAudience;
  readonly openRuntime: OpenThreadRuntime;
  readonly clock: Clock;
  readonly name?: string | undefined;
  /** Makes its MCP servers, which it ends. */
  readonly openMcp: (thread: Omit<McpThread, "threadId">) => ThreadMcp;
  /** Called when a turn has ended, before anybody is told so. */
  readonly onTurnEnd?: ((turnId: string) => void) | undefined;
  /** Unix milliseconds. Default: now. */
  readonly updatedAtMs?: number | undefined;
}

const MS_PER_SECOND = 1_000;

/** A thread that is loaded: its conversation, its turns, what holds for them, and who hears of it. */
export class Thread implements AsyncDisposable {
  readonly meta: ThreadMeta;
  readonly #conversation: Conversation;
  readonly #turns: ThreadTurns;
  readonly #audience: ThreadAudience;
  readonly #activity: ThreadActivity;
  readonly #openRuntime: OpenThreadRuntime;
  readonly #mcp: ThreadMcp;
  #settings: FullSettings;
  #runtime: ThreadRuntime | undefined;
  #name: string | undefined;
  #updatedAtMs: number;
  #isDisposed = false;

  constructor(start: ThreadStart) {
    const { meta, audience, clock, settings, name, updatedAtMs = Date.now() } = start;
    this.meta = meta;
    this.#audience = audience;
    this.#openRuntime = start.openRuntime;
    this.#settings = settings;
    this.#name = name;
    this.#updatedAtMs = updatedAtMs;
    this.#activity = new ThreadActivity((status) => {
      audience.notifyAll("thread/status/changed", { threadId: meta.id, status });
    });
    this.#conversation = new Conversation(meta, start);
    this.#turns = new ThreadTurns({
      conversation: this.#conversation,
      audience,
      activity: this.#activity,
      clock,
      runtime: () => this.#openedRuntime(),
      settings: () => this.#settings,
      onUpdate: (atMs) => {
        this.#updatedAtMs = atMs;
      },
      onTurnEnd: start.onTurnEnd,
    });
    this.#mcp = this.#openedMcp(start.openMcp);
  }

  get id(): string {
    return this.meta.id;
  }

  get log(): ThreadLog | undefined {
    return this.#conversation.log;
  }

  get index(): TurnIndex {
    return this.#conversation.index;
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
    return this.#conversation.isStale;
  }

  get settings(): FullSettings {
    return this.#settings;
  }

  get history(): readonly ResponseItem[] {
    return this.#conversation.history;
  }

  get usage(): ThreadTokenUsage | undefined {
    return this.#conversation.usage;
  }

  get status(): ThreadStatus {
    return this.#activity.status;
  }

  get preview(): string {
    return this.#conversation.preview;
  }

  get activeTurn(): TurnEntry | undefined {
    return this.#turns.active?.entry;
  }

  /** Nothing happens in it. */
  get isQuiet(): boolean {
    return this.#turns.active === undefined && this.backgroundTerminals().length === 0;
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
      preview: this.preview,
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
    if (this.isMaterialized) this.#conversation.keepSettings(settings);
    const threadSettings = settingsForClients(settings);
    this.#audience.notify("thread/settings/updated", { threadId: this.id, threadSettings });
    return true;
  }

  /**
   * Answer what is said: in the turn that runs, where it takes it, or in one of its own.
   *
   * @returns the turn. It begins when `begin` is called: whoever asked can be told of it before.
   */
  startTurn(said: Said): { readonly turn: Turn; readonly begin: () => void } {
    return this.#turns.start(said);
  }

  /** Say something to the turn that runs. @throws RpcFault - That turn does not run, or takes nothing. */
  steer(said: Said, expectedTurnId: string): string {
    return this.#turns.steer(said, expectedTurnId);
  }

  /** @returns what interrupts the turn. @throws RpcFault - That turn does not run. */
  interruption(turnId: string): () => void {
    return this.#turns.interruption(turnId);
  }

  /** Make the conversation shorter, in a turn of its own. The one that runs ends. @returns what begins it. */
  compaction(): () => void {
    return this.#turns.compaction();
  }

  /** Run a command of the user: beside the turn that runs, or in one of its own. @returns what begins it. */
  shellCommand(command: string): () => void {
    return this.#turns.shellCommand(command);
  }

  /** Add to the conversation, as if it had been said. @throws Error - It can not be kept. */
  inject(items: readonly ResponseItem[]): void {
    this.#conversation.record(items);
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
    await this.#turns.close();
    try {
      await this.#runtime?.[Symbol.asyncDispose]();
      await this.#mcp[Symbol.asyncDispose]();
    } catch (error) {
      this.#turns.notices.warn(`not all of the thread has ended: ${messageOf(error)}`);
    }
    this.log?.[Symbol.dispose]();
  }

  #openedRuntime(): ThreadRuntime {
    this.#runtime ??= this.#openRuntime({
      threadId: this.id,
      sessionId: this.meta.sessionId,
      mcp: this.#mcp,
      capabilityRoots: this.meta.capabilityRoots,
      tokenUsage: this.#conversation.usage,
      compactions: this.#conversation.compactions,
      port: (turnId) => this.#turns.notices.port(turnId, undefined),
    });
    return this.#runtime;
  }

  #openedMcp(openMcp: ThreadStart["openMcp"]): ThreadMcp {
    return openMcp({
      cwd: this.#settings.cwd,
      overrides: this.#settings.config,
      policy: () => elicitationPolicy(this.#settings.approvalPolicy, this.#settings.sandboxPolicy),
      ask: (question, signal) => {
        const params = { ...question, threadId: this.id, turnId: this.#turns.active?.id ?? null } as never;
        return this.#activity.whileWaiting("waitingOnApproval", () =>
          this.#audience.ask("mcpServer/elicitation/request", params, signal),
        );
      },
      onStatus: (status) => {
        this.#audience.notify("mcpServer/startupStatus/updated", { ...status, threadId: this.id });
      },
    });
  }
}
