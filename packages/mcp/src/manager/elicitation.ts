import type { Clock } from "@holdfast/rpc";
import { ELICITATION_TIMEOUT_MS, ELICITATIONS_MAX } from "../limits.ts";
import { McpError } from "../mcp-error.ts";

/** What a server wants to know from the user. */
export interface ElicitationRequest {
  /** Names this question among those of all servers; see `McpServers.answerElicitation`. */
  readonly id: string;
  readonly serverName: string;
  /** `form`: answers to the fields of a schema. `url`: the user is to visit a page. */
  readonly mode: "form" | "url";
  /** In the server's words. */
  readonly message: string;
  /** JSON Schema of the answer's content. Undefined for a URL. */
  readonly requestedSchema: Readonly<Record<string, unknown>> | undefined;
  /** Undefined for a form. */
  readonly url: string | undefined;
  /** The server's own name of a URL's visit. Undefined for a form. */
  readonly elicitationId: string | undefined;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
}

export interface ElicitationReply {
  readonly action: "accept" | "decline" | "cancel";
  /** Of an accepted form, by the names of its fields. */
  readonly content?: Readonly<Record<string, string | number | boolean | string[]>> | undefined;
}

/** What is decided about questions of servers before anybody is asked. */
export interface ElicitationPolicy {
  /** Whether questions are put to the user at all. Default true. */
  readonly asks?: boolean | undefined;
  /** Whether a form without fields, which asks for a permission, is accepted at once. Default false. */
  readonly acceptsPermissions?: boolean | undefined;
}

/** How questions of servers are answered. */
export interface ElicitationOptions {
  /** Asked for at each question. Default: questions are put to the user. */
  readonly policy?: (() => ElicitationPolicy) | undefined;
  /** May answer in the user's place. Undefined as its answer: the user is asked. */
  readonly review?:
    | ((request: ElicitationRequest, signal: AbortSignal) => Promise<ElicitationReply | undefined>)
    | undefined;
  /**
   * Puts a question to the user. It answers by its promise, or returns nothing and answers later by `McpServers.answerElicitation`. The signal is aborted
   * when no answer is waited for any more. Default: every question is declined.
   */
  readonly ask?:
    | ((request: ElicitationRequest, signal: AbortSignal) => Promise<ElicitationReply> | undefined)
    | undefined;
  /** Milliseconds that a question waits for its answer, before it is cancelled. Default 600,000. */
  readonly timeoutMs?: number | undefined;
}

const ACCEPT: ElicitationReply = { action: "accept", content: {} };
const DECLINE: ElicitationReply = { action: "decline" };
const CANCEL: ElicitationReply = { action: "cancel" };

/** Questions of all servers, on their way to whoever answers them. */
export class ElicitationDesk {
  /** While it is set, every question is declined. It outlives refreshes. */
  denies = false;
  readonly #options: ElicitationOptions;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, (reply: ElicitationReply) => void>();
  readonly #askedBy = new Map<string, number>();

  constructor(options: ElicitationOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** @throws McpError `unknown-elicitation` nobody waits for an answer of that id. */
  answer(id: string, reply: ElicitationReply): void {
    const resolve = this.#waiting.get(id);
    if (resolve === undefined) throw new McpError("unknown-elicitation", "elicitation request not found");
    resolve(reply);
  }

  /** @param signal - Aborted when the server does not want to know any more, or is gone. */
  async put(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationReply> {
    if (this.denies) return DECLINE;
    const { asks = true, acceptsPermissions = false } = this.#options.policy?.() ?? {};
    if (acceptsPermissions && isPermission(request)) return ACCEPT;
    if (!asks) return DECLINE;
    const asked = this.#askedBy.get(request.serverName) ?? 0;
    if (asked >= ELICITATIONS_MAX) return DECLINE;
    this.#askedBy.set(request.serverName, asked + 1);
    try {
      return await this.#answered(request, signal);
    } finally {
      const left = (this.#askedBy.get(request.serverName) ?? 1) - 1;
      if (left > 0) this.#askedBy.set(request.serverName, left);
      else this.#askedBy.delete(request.serverName);
    }
  }

  async #answered(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationReply> {
    const { timeoutMs = ELICITATION_TIMEOUT_MS } = this.#options;
    const over = new AbortController();
    const { promise, resolve } = Promise.withResolvers<ElicitationReply>();
    const cancel = (): void => resolve(CANCEL);
    const timer = this.#clock.after(timeoutMs, cancel);
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    this.#waiting.set(request.id, resolve);
    this.#ask(request, over.signal).then((reply) => {
      if (reply !== undefined) resolve(reply);
    }, cancel);
    try {
      return await promise;
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", cancel);
      this.#waiting.delete(request.id);
      over.abort(new Error("no answer is waited for any more"));
    }
  }

  async #ask(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationReply | undefined> {
    const reviewed = await this.#options.review?.(request, signal);
    if (reviewed !== undefined) return reviewed;
    // An answer that comes by its id may have come meanwhile.
    if (signal.aborted) return undefined;
    if (this.#options.ask === undefined) return DECLINE;
    return await this.#options.ask(request, signal);
  }
}

/** Nothing is asked for but consent. */
function isPermission({ mode, requestedSchema }: ElicitationRequest): boolean {
  const { properties = {} } = requestedSchema ?? {};
  return mode === "form" && typeof properties === "object" && Object.keys(properties ?? {}).length === 0;
}
