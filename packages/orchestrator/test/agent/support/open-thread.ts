import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { UserInput } from "@holdfast/app-server-protocol";
import { systemClock } from "@holdfast/rpc";
import { type FakeClock, tempDir, until } from "@holdfast/testkit";
import {
  type AgentServices,
  agentThreads,
  HostConfig,
  HostMcp,
  type ResponseItem,
  type RuntimeThread,
  type ThreadRuntime,
  type TurnInput,
  type TurnOutcome,
  type TurnPort,
  type TurnQuestion,
  type TurnSettings,
  type TurnTask,
} from "../../../src/agent/index.ts";
import { EnvironmentRegistry } from "../../../src/index.ts";
import { localExecutor } from "../../support/local-executor.ts";

// biome-ignore lint/suspicious/noExplicitAny: what is told differs from notice to notice.
export type Told = any;

/** A notice or a question of a turn, in the order of all. */
export interface Event {
  readonly name: string;
  readonly params: Told;
  readonly turnId: string;
}

/** Answers a question. */
export type Answer = (params: Told, signal: AbortSignal) => unknown;

/** A thread over a scripted model and this machine, with all that it tells. */
export interface OpenThread extends AsyncDisposable {
  readonly folder: string;
  readonly codexHome: string;
  readonly environments: EnvironmentRegistry;
  readonly runtime: ThreadRuntime;
  readonly history: readonly ResponseItem[];
  readonly events: readonly Event[];
  /** Those of one name, their params. */
  told(name: string): readonly Told[];
  /** Items that were completed, in their order. */
  items(): readonly Told[];
  say(text: string, more?: readonly UserInput[]): void;
  interrupt(): void;
  /** Say something and run a turn. */
  turn(text: string, settings?: Partial<TurnSettings>): Promise<TurnOutcome>;
  /** Run a command of the user in the turn that runs. */
  beside(command: string): Promise<void>;
  run(task: TurnTask, settings?: Partial<TurnSettings>): Promise<TurnOutcome>;
}

export interface ThreadOptions {
  /** The text of `config.toml`. */
  readonly config: string;
  readonly answers?: Partial<Record<TurnQuestion, Answer>>;
  readonly services?: Partial<AgentServices>;
  readonly thread?: Partial<RuntimeThread>;
  readonly history?: readonly ResponseItem[];
  readonly settings?: Partial<TurnSettings>;
  /** Called before anything is kept, or told; what it throws is what the turn gets. */
  readonly onRecord?: (items: readonly ResponseItem[]) => void;
  readonly onEmit?: (name: string, params: Told) => void;
}

export async function openThread(options: ThreadOptions): Promise<OpenThread> {
  const temporary = await tempDir();
  const codexHome = join(temporary.path, "home");
  const folder = join(temporary.path, "work");
  for (const path of [codexHome, folder]) mkdirSync(path);
  const local = localExecutor({ cwd: folder });
  const environments = new EnvironmentRegistry({ environments: [local.definition], defaultId: "local" });
  writeFileSync(join(codexHome, "config.toml"), options.config);
  const config = new HostConfig({ codexHome });
  const history: ResponseItem[] = [...(options.history ?? [])];
  const events: Event[] = [];
  const inputs: TurnInput[] = [];
  const listeners = new Set<() => void>();
  let interrupt = new AbortController();
  let turns = 0;

  const portOf = (turnId: string): TurnPort => ({
    threadId: "thread-1",
    turnId,
    get history() {
      return history;
    },
    record(items) {
      options.onRecord?.(items);
      history.push(...items);
    },
    compact: (_, next) => void history.splice(0, history.length, ...next),
    emit(name, params) {
      options.onEmit?.(name, params);
      events.push({ name, params, turnId });
    },
    async ask(name, params, signal) {
      events.push({ name, params, turnId });
      const answer = options.answers?.[name];
      const { promise, reject } = Promise.withResolvers<never>();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      if (answer === undefined) return await promise;
      return (await Promise.race([promise, answer(params, signal)])) as never;
    },
    takeInput: () => inputs.splice(0),
    onInput(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const services: AgentServices = {
    environments,
    config,
    codexHome,
    variables: {},
    version: "1.2.3",
    ...options.services,
  };
  const servers = new HostMcp({ ...services, config, clock: systemClock, variables: process.env });
  const mcp = servers.open({
    threadId: "thread-1",
    cwd: folder,
    ask: (question, signal) => portOf("turn-1").ask("mcpServer/elicitation/request", question, signal),
  });
  const runtime = agentThreads(services)({
    threadId: "thread-1",
    sessionId: "thread-1",
    port: portOf,
    mcp,
    ...options.thread,
  });
  const settings = (more: Partial<TurnSettings> = {}): TurnSettings => ({
    model: "model-1",
    modelProvider: "mock",
    cwd: folder,
    approvalPolicy: "never",
    sandboxPolicy: { type: "dangerFullAccess" },
    environments: [{ environmentId: "local", cwd: folder }],
    effort: undefined,
    summary: undefined,
    serviceTier: undefined,
    baseInstructions: undefined,
    developerInstructions: undefined,
    dynamicTools: [],
    config: {},
    ...options.settings,
    ...more,
  });
  const opened: OpenThread = {
    folder,
    codexHome,
    environments,
    runtime,
    history,
    events,
    told: (name) => events.filter((event) => event.name === name).map(({ params }) => params),
    items: () => opened.told("item/completed").map(({ item }) => item),
    say(text, more = []) {
      inputs.push({ content: [{ type: "text", text, text_elements: [] }, ...more], clientId: undefined });
      for (const listener of listeners) listener();
    },
    interrupt: () => interrupt.abort(new Error("interrupted by the test")),
    async turn(text, more) {
      opened.say(text);
      return await opened.run({ kind: "answer" }, more);
    },
    async run(task, more) {
      interrupt = new AbortController();
      turns += 1;
      return await runtime.runTurn(portOf(`turn-${turns}`), settings(more), task, interrupt.signal);
    },
    beside: (command) => runtime.shellCommand(portOf(`turn-${turns}`), settings(), command, interrupt.signal),
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]();
      await servers[Symbol.asyncDispose]();
      await environments.close();
      await local[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
  return opened;
}

/** Time that passes by itself, as quick as what waits for it allows. @returns What ends that. */
export async function runningFast<Result>(clock: FakeClock, work: Promise<Result>, stepMs = 50): Promise<Result> {
  let isDone = false;
  const ended = work.finally(() => {
    isDone = true;
  });
  ended.catch(() => {});
  await until(async () => {
    await clock.advance(stepMs);
    return isDone;
  });
  return await ended;
}
