import type { Clock } from "@holdfast/rpc";
import { pause } from "@holdfast/rpc/client";
import type { StepSnapshot } from "../../steps/step-snapshot.ts";
import { wholeConversation } from "../context/model-input.ts";
import { isContext, message, untold } from "../context/told.ts";
import { CONTEXT_OPENINGS, MODE, turnContext } from "../context/turn-context.ts";
import { RETRY_PAUSE_MAX_MS } from "../model/limits.ts";
import type { ModelClient } from "../model/model-client.ts";
import { ModelError } from "../model/model-error.ts";
import type { ModelProvider } from "../model/model-provider.ts";
import type { ModelRequest, ToolDefinition } from "../model/model-request.ts";
import type { ResponseItem } from "../model/response-item.ts";
import { retryPauseMs } from "../model/retry-pause.ts";
import { tooLong } from "../model/too-long.ts";
import type { ToolSet } from "../tools/tool-set.ts";
import { TurnDiff } from "../tools/turn-diff.ts";
import { uuidV7 } from "../uuid-v7.ts";
import { compactedHistory, SUMMARY_REQUEST, summaryIn } from "./compaction.ts";
import { COMPACTION_WINDOW, ITEMS_PER_RESPONSE_MAX, RESPONSES_PER_TURN_MAX, USABLE_WINDOW } from "./limits.ts";
import { LinkedAbort } from "./linked-abort.ts";
import { ResponseItems } from "./response-items.ts";
import { takeInput } from "./take-input.ts";
import type { TurnSettings } from "./thread-runtime.ts";
import type { TokenCount } from "./token-count.ts";
import { callOf, ToolCalls } from "./tool-calls.ts";
import type { TurnConfig } from "./turn-config.ts";
import { retryNotice } from "./turn-failure.ts";
import { TurnItems } from "./turn-items.ts";
import type { TurnInput, TurnPort } from "./turn-port.ts";
import type { TurnScope } from "./turn-scope.ts";
import type { ReadLocal } from "./user-message.ts";

/** What a turn is made with. */
export interface TurnParts {
  readonly port: TurnPort;
  readonly settings: TurnSettings;
  readonly config: TurnConfig;
  readonly provider: ModelProvider;
  readonly client: ModelClient;
  readonly clock: Clock;
  readonly tokens: TokenCount;
  readonly sessionId: string;
  /** Counts how often the conversation was made shorter. */
  readonly window: { number: number };
  readonly baseInstructions: string;
  readonly developerInstructions: string | undefined;
  /** The list of skills that there are. */
  readonly skills: string | undefined;
  /** The project's own instructions for models. */
  readonly project: string | undefined;
  readonly outputSchema: unknown;
  readonly readLocal: ReadLocal;
  readonly capture: (signal: AbortSignal) => Promise<StepSnapshot>;
  /** May take as long as servers take to start. */
  readonly toolsFor: (step: StepSnapshot) => Promise<ToolSet>;
  /** Called around whatever a step is in use for. */
  readonly useStep: (step: StepSnapshot | undefined, scope: TurnScope | undefined) => void;
  readonly signal: AbortSignal;
  readonly interrupt: () => void;
}

/** Why a request was given up: something was said. */
const STEERED = new Error("something was said");

/** One turn: requests to a model, and what it asks for, until it asks for nothing more. */
export class Turn {
  readonly #parts: TurnParts;
  readonly #items: TurnItems;
  readonly #diff = new TurnDiff();
  #failures = 0;

  constructor(parts: TurnParts) {
    this.#parts = parts;
    this.#items = new TurnItems(parts.port);
  }

  /**
   * Answer what was said. Between the last look at what is said and the end nothing is waited for.
   *
   * @throws ModelError - No retry is left. @throws The reason of the signal.
   */
  async answer(): Promise<void> {
    const { signal } = this.#parts;
    let mayEnd = false;
    for (let responses = 0; ; ) {
      const inputs = this.#parts.port.takeInput();
      if (mayEnd && inputs.length === 0) return;
      await this.#take(inputs);
      signal.throwIfAborted();
      await this.#compactIfLong();
      const { outcome, goesOn } = await this.#step();
      mayEnd = outcome === "done" && !goesOn;
      if (outcome !== "retry") responses += 1;
      if (responses >= RESPONSES_PER_TURN_MAX) throw endless();
    }
  }

  /** Put a summary in the place of the conversation. */
  async compact(): Promise<void> {
    const { port, tokens, window } = this.#parts;
    const id = uuidV7();
    const item = { type: "contextCompaction", id } as const;
    this.#items.start(item);
    const summary = await this.#summary();
    using step = await this.#parts.capture(this.#parts.signal);
    const context = untold(this.#context(step), []);
    const history = compactedHistory(port.history, { context, summary, openings: CONTEXT_OPENINGS });
    window.number += 1;
    port.emit("thread/tokenUsage/updated", { tokenUsage: this.#usage() });
    port.compact(summary, history);
    tokens.replaced(history);
    port.emit("thread/tokenUsage/updated", { tokenUsage: this.#usage() });
    this.#items.complete(item);
  }

  /** What was said becomes a part of the conversation, whatever happens; what the model has to know of its context stands before it. */
  async #take(inputs: readonly TurnInput[]): Promise<void> {
    const { port, signal, readLocal } = this.#parts;
    try {
      using step = await this.#parts.capture(signal);
      port.record(untold(this.#context(step), port.history));
    } finally {
      await takeInput(port, { items: this.#items, readLocal }, inputs);
    }
  }

  async #compactIfLong(): Promise<void> {
    const { port, tokens, config } = this.#parts;
    const limit = config.compactAt ?? Math.floor(config.contextWindow * COMPACTION_WINDOW);
    if (tokens.estimate(port.history) >= limit && port.history.length > 0) await this.compact();
  }

  /** One request, and what comes of it. `retry`: it has to be made again. */
  async #step(): Promise<{ readonly outcome: "done" | "retry"; readonly goesOn: boolean }> {
    const { port, signal, clock, settings, provider, interrupt } = this.#parts;
    using step = await this.#parts.capture(signal);
    const tools = await this.#parts.toolsFor(step);
    // What was said while servers started.
    const late = port.takeInput();
    if (late.length > 0) await this.#take(late);
    const scope: TurnScope = { port, settings, items: this.#items, diff: this.#diff, step, clock, signal, interrupt };
    const calls = new ToolCalls(tools, scope);
    this.#parts.useStep(step, scope);
    try {
      const { failure, goesOn } = await this.#respond(tools, calls);
      // Whatever has become of the response: what was called has had its effect, and its outputs belong to the conversation.
      port.record(await calls.outputs());
      signal.throwIfAborted();
      if (failure === undefined) {
        this.#failures = 0;
        port.emit("thread/tokenUsage/updated", { tokenUsage: this.#usage() });
        if (this.#diff.isDue()) port.emit("turn/diff/updated", { diff: this.#diff.text() });
        return { outcome: "done", goesOn: goesOn || calls.count > 0 };
      }
      if (failure !== STEERED) await this.#retryAfter(failure, provider.streamRetries);
      return { outcome: "retry", goesOn: true };
    } finally {
      this.#parts.useStep(undefined, undefined);
    }
  }

  async #respond(tools: ToolSet, calls: ToolCalls): Promise<{ readonly failure: unknown; readonly goesOn: boolean }> {
    const { port, signal, client, provider, tokens } = this.#parts;
    const shown = new ResponseItems(port, this.#items);
    using cut = new LinkedAbort(signal);
    const stopListening = port.onInput(() => cut.abort(STEERED));
    let goesOn = false;
    let entries = 0;
    try {
      const request = this.#request({ tools, kind: "turn", input: port.history });
      for await (const event of client.respond(provider, request, cut.signal)) {
        if (event.type === "completed") {
          tokens.add(event.usage, port.history.length);
          goesOn = event.goesOn;
          continue;
        }
        const entry = shown.follow(event);
        if (entry === undefined) continue;
        entries += 1;
        if (entries > ITEMS_PER_RESPONSE_MAX) throw tooLong(`it has more than ${ITEMS_PER_RESPONSE_MAX} entries`);
        const call = callOf(entry);
        port.record([call === undefined ? entry : { ...entry, call_id: call.callId }]);
        calls.start(entry);
      }
      return { failure: undefined, goesOn };
    } catch (failure) {
      // The outputs of what was called are recorded before anything else.
      return { failure: signal.aborted ? signal.reason : failure, goesOn: false };
    } finally {
      stopListening();
    }
  }

  async #retryAfter(failure: unknown, retries: number): Promise<void> {
    const { port, clock, signal } = this.#parts;
    if (!(failure instanceof ModelError) || failure.retry === "never" || this.#failures >= retries) throw failure;
    if ((failure.retryAfterMs ?? 0) > RETRY_PAUSE_MAX_MS) throw failure;
    this.#failures += 1;
    port.emit("error", { error: retryNotice(failure, this.#failures, retries), willRetry: true });
    await pause(failure.retryAfterMs ?? retryPauseMs(this.#failures), clock, signal);
    signal.throwIfAborted();
  }

  async #summary(): Promise<string> {
    const { port, client, provider, signal, tokens } = this.#parts;
    let left: readonly ResponseItem[] = port.history;
    for (;;) {
      const input = [...left, message("user", [SUMMARY_REQUEST])];
      const request = this.#request({ tools: undefined, kind: "compaction", input });
      const said: ResponseItem[] = [];
      try {
        for await (const event of client.respond(provider, request, signal)) {
          if (event.type === "done") said.push(event.item);
          if (event.type === "completed") tokens.add(event.usage, port.history.length);
        }
        this.#failures = 0;
        return summaryIn(said);
      } catch (failure) {
        signal.throwIfAborted();
        if (isTooLongFor(failure) && left.length > 1) left = left.slice(Math.ceil(left.length / 4));
        else await this.#retryAfter(failure, provider.streamRetries);
      }
    }
  }

  #context(step: StepSnapshot) {
    const { settings, developerInstructions, skills, project, port } = this.#parts;
    const isModeTold = port.history.some((item) => isContext(item, [MODE]));
    return turnContext(settings, step, { developerInstructions, skills, project, isModeTold });
  }

  #request({
    tools,
    kind,
    input,
  }: {
    readonly tools: ToolSet | undefined;
    readonly kind: ModelRequest["kind"];
    readonly input: readonly ResponseItem[];
  }): ModelRequest {
    const { port, settings, config, sessionId, window, baseInstructions, outputSchema } = this.#parts;
    const first = { ...message("developer", [baseInstructions]), id: "msg_instructions" };
    return {
      model: settings.model,
      input: [first, ...wholeConversation(input)],
      tools: tools === undefined ? [] : [...tools.definitions(), ...hostedTools(config)],
      effort: settings.effort ?? config.effort,
      summary: settings.summary ?? config.summary,
      verbosity: config.verbosity,
      serviceTier: settings.serviceTier ?? config.serviceTier,
      outputSchema: kind === "turn" ? outputSchema : undefined,
      threadId: port.threadId,
      sessionId,
      turnId: port.turnId,
      windowNumber: window.number,
      kind,
    };
  }

  #usage() {
    return this.#parts.tokens.usage(Math.floor(this.#parts.config.contextWindow * USABLE_WINDOW));
  }
}

/** What the provider runs itself, where the configuration lets it: not every provider has it. */
function hostedTools({ webSearch }: TurnConfig): readonly ToolDefinition[] {
  return webSearch === undefined ? [] : [{ type: "web_search", external_web_access: webSearch === "live" }];
}

/** Even the request for a summary does not fit: the oldest part of the conversation has to go without one. */
function isTooLongFor(failure: unknown): boolean {
  return failure instanceof ModelError && failure.info === "contextWindowExceeded";
}

function endless(): ModelError {
  return new ModelError(
    `the turn has had ${RESPONSES_PER_TURN_MAX} responses and is ended; say what is to be done next`,
    {
      info: "other",
      retry: "never",
    },
  );
}
