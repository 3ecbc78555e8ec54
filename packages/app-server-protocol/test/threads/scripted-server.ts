import { type CallOptions, createAppServerClient, type InvalidMessageError, type LinkV1 } from "../../src/client.ts";
import type { ServerNotices, ThreadItem, Turn } from "../../src/index.ts";
import { createThreads, type Threads, type ThreadsOptions } from "../../src/threads.ts";

/** A call that the client made, to be answered by the test. */
export interface ScriptedCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly options: CallOptions | undefined;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** The link to a server that a test plays: calls wait for it, and it sends what it likes. */
export class ScriptedServer implements LinkV1 {
  readonly calls: ScriptedCall[] = [];
  readonly threads: Threads;
  readonly #handlers = new Map<string, Set<(params: unknown) => void>>();
  /** What waits for its time, which comes when the test calls it. */
  readonly timers = new Set<() => void>();
  readonly #lost = new Set<(cause: unknown) => void>();
  readonly #invalid = new Set<(error: InvalidMessageError) => void>();

  constructor(options: Omit<ThreadsOptions, "onLost" | "onInvalid" | "after"> = {}) {
    const onInvalid = (error: InvalidMessageError): void => {
      for (const listener of [...this.#invalid]) listener(error);
    };
    this.threads = createThreads(createAppServerClient(this, { onInvalid }), {
      ...options,
      onInvalid: (listener) => {
        this.#invalid.add(listener);
        return () => this.#invalid.delete(listener);
      },
      after: (_, fire) => {
        this.timers.add(fire);
        return { cancel: () => this.timers.delete(fire) };
      },
      onLost: (listener) => {
        this.#lost.add(listener);
        return () => this.#lost.delete(listener);
      },
    });
  }

  /** How many subscriptions and listeners there are. */
  get listeners(): number {
    return [...this.#handlers.values()].reduce((sum, { size }) => sum + size, this.#lost.size + this.#invalid.size);
  }

  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.calls.push({ method, params: params as ScriptedCall["params"], options, resolve, reject });
    });
  }

  notify(): void {}

  on(method: string, handler: (params: unknown, ...metadata: never[]) => void): () => void {
    const handlers = this.#handlers.get(method) ?? new Set();
    const own = (params: unknown): void => (handler as (...args: readonly unknown[]) => void)(params, {});
    this.#handlers.set(method, handlers.add(own));
    return () => handlers.delete(own);
  }

  send<Method extends keyof ServerNotices>(method: Method, params: ServerNotices[Method]): void {
    for (const handler of [...(this.#handlers.get(method) ?? [])]) handler(params);
  }

  /** As a newer server might. */
  sendAny(method: keyof ServerNotices, params: unknown): void {
    this.send(method, params as never);
  }

  lose(cause: unknown): void {
    for (const listener of [...this.#lost]) listener(cause);
  }

  /** The oldest call that is not answered, which has to be of this method. Waits until it is made. */
  async next(method: string): Promise<ScriptedCall> {
    for (let turns = 0; this.calls.length === 0 && turns < 1_000; turns++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const call = this.calls.shift();
    if (call?.method !== method) throw new Error(`the client called ${call?.method ?? "nothing"}, not ${method}`);
    return call;
  }

  /** Start the turn that the client asks for. */
  async startTurn(turnId = TURN_ID): Promise<void> {
    const call = await this.next("turn/start");
    call.resolve({ turn: turn({ id: turnId }) });
  }

  complete(members: Partial<Turn> = {}, threadId = THREAD_ID): void {
    this.send("turn/completed", { threadId, turn: turn({ status: "completed", ...members }) });
  }

  item(item: ThreadItem, turnId = TURN_ID, threadId = THREAD_ID): void {
    this.send("item/completed", { threadId, turnId, item, completedAtMs: 2 });
  }

  delta(delta: string, itemId = "msg-1", turnId = TURN_ID): void {
    this.send("item/agentMessage/delta", { threadId: THREAD_ID, turnId, itemId, delta });
  }
}

export const THREAD_ID = "01999999-0000-7000-8000-000000000001";
export const TURN_ID = "01999999-0000-7000-8000-000000000002";

export function turn(members: Partial<Turn> = {}): Turn {
  return {
    id: TURN_ID,
    items: [],
    itemsView: "notLoaded",
    status: "inProgress",
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    ...members,
  };
}

export function message(text: string, id = "msg-1"): ThreadItem {
  return { type: "agentMessage", id, text, phase: null, memoryCitation: null };
}

/** What `thread/start` and its like are answered with. */
export function openedThread(id = THREAD_ID): object {
  return {
    thread: {
      id,
      sessionId: id,
      preview: "",
      ephemeral: false,
      historyMode: "legacy",
      modelProvider: "mock",
      createdAt: 1,
      updatedAt: 1,
      status: { type: "idle" },
      path: null,
      cwd: "/srv/repo",
      cliVersion: "0.144.6",
      source: "vscode",
      projectId: null,
      turns: [],
    },
    model: "m",
    modelProvider: "mock",
    cwd: "/srv/repo",
    approvalPolicy: "never",
    approvalsReviewer: "user",
    sandbox: { type: "readOnly", networkAccess: false },
  };
}

/** Tokens of one response, and of the thread with it. */
export function usage(last: number, total: number): ServerNotices["thread/tokenUsage/updated"]["tokenUsage"] {
  const of = (tokens: number) => ({
    totalTokens: tokens,
    inputTokens: tokens,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningOutputTokens: 0,
  });
  return { last: of(last), total: of(total), modelContextWindow: null };
}
