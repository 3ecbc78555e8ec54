import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { type Reply, type ScriptedModel, scriptedModel } from "../../agent/support/scripted-model.ts";
import { type OpenHost, type OpenHostOptions, openHost } from "../open-host.ts";
import type { Message, RawClient } from "../raw-client.ts";

// biome-ignore lint/suspicious/noExplicitAny: what is told differs from method to method.
export type Told = any;

/** A client of threads: it calls methods and remembers what it was told. */
export class ThreadsClient {
  readonly raw: RawClient;
  #lastId = 0;

  constructor(raw: RawClient) {
    this.raw = raw;
  }

  /** The result. @throws Error - It is refused. */
  async call(method: string, params: object): Promise<Told> {
    const { result, error } = await this.#answer(method, params);
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** How it is refused. */
  async refusal(method: string, params: object): Promise<Told> {
    const { result, error } = await this.#answer(method, params);
    if (error === undefined) throw new Error(`${method} is not refused: ${JSON.stringify(result)}`);
    return error;
  }

  /** Names of what was told, in order, without those that do not tell of turns. */
  names(): readonly string[] {
    return this.raw.messages.flatMap(({ method }) => (typeof method === "string" ? [method] : []));
  }

  told(method: string): readonly Told[] {
    return this.raw.named(method).map(({ params }) => params);
  }

  /** A thread of the model that is scripted, where everything is allowed. */
  async start(params: object = {}): Promise<Told> {
    const wish = { sandbox: "danger-full-access", approvalPolicy: "never", ...params };
    return (await this.call("thread/start", wish)).thread;
  }

  /** Begin a turn. @returns its id. */
  async begin(threadId: string, text: string, params: object = {}): Promise<string> {
    const input = [{ type: "text", text, text_elements: [] }];
    return (await this.call("turn/start", { threadId, input, ...params })).turn.id;
  }

  /** Run a turn to its end. @returns the turn. */
  async turn(threadId: string, text: string, params: object = {}): Promise<Told> {
    return await this.ended(await this.begin(threadId, text, params));
  }

  async ended(turnId: string): Promise<Told> {
    const end = () => this.told("turn/completed").find(({ turn }) => turn.id === turnId);
    await until(() => end() !== undefined);
    return end().turn;
  }

  async #answer(method: string, params: object): Promise<Message & { readonly result?: Told; readonly error?: Told }> {
    this.#lastId += 1;
    return await this.raw.answerTo({ id: `call-${this.#lastId}`, method, params });
  }
}

export interface ThreadsHost extends AsyncDisposable {
  readonly host: OpenHost;
  readonly model: ScriptedModel;
  readonly codexHome: string;
  /** A client that has introduced itself. */
  client(): Promise<ThreadsClient>;
  /** Another server, on the same home. */
  another(options?: OpenHostOptions): Promise<ThreadsHost>;
}

/** A server whose threads talk to a model that says what a test wants. */
export async function threadsHost(replies: readonly Reply[] = [], options: OpenHostOptions = {}): Promise<ThreadsHost> {
  const model = await scriptedModel(...replies);
  const host = await openHost(options);
  writeFileSync(join(host.codexHome, "config.toml"), configOf(model));
  const opened = hostOf(host, model, host.codexHome);
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
}

function hostOf(host: OpenHost, model: ScriptedModel, codexHome: string): ThreadsHost {
  return {
    host,
    model,
    codexHome,
    async client() {
      const raw = host.rawClient();
      await raw.initialize();
      return new ThreadsClient(raw);
    },
    async another(options = {}) {
      return hostOf(await openHost({ codexHome, ...options }), model, codexHome);
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

function configOf(model: ScriptedModel): string {
  return `model = "model-1"\nmodel_provider = "mock"\n${model.config()}`;
}
