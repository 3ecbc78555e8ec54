import type { Release } from "@holdfast/reference-peer";
import type { ModelTurn } from "./mock-model.ts";
import type { SandboxMode } from "./reference-cli.ts";
import type { RequirementId } from "./requirements.ts";
import type { ServedExecutor } from "./served-executor.ts";

/**
 * Who talks to the executor under test: `cli` a real Codex with a scripted model, `client` our client library,
 * `wire` raw messages.
 */
export type Direction = "cli" | "client" | "wire";

/** How a scenario wants its executor started. */
export interface ServeOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Flags for releases that know `--concurrent-requests`; ignored by everybody else. */
  readonly concurrentRequests?: number;
  /** Options of authentication, which releases and we have by the same names. */
  readonly args?: readonly string[];
  /** Lines of `sh` that run before the executor takes the shell's place. */
  readonly shellPrelude?: string;
}

/** What a scenario may use. Everything it makes lies in `folder`. */
export interface ScenarioContext {
  /** `codex 0.144.6` or `holdfast`. */
  readonly executorName: string;
  /** Release of the executor; undefined for ours. */
  readonly executorRelease: string | undefined;
  /** A fresh temporary folder, also the executor's working folder. */
  readonly folder: string;
  /** Start the executor under test; the scenario disposes of it. */
  serve(options?: ServeOptions): Promise<ServedExecutor>;
}

/** How the orchestrator is set up. */
export interface ConverseOptions {
  /** Default `danger-full-access`. */
  readonly sandbox?: SandboxMode;
  /** Lines for the top of its configuration file. */
  readonly config?: string;
  /** How long it may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** Its `environments.toml`, in place of the variable that names an executor. */
  readonly environments?: string;
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A scenario of the `cli` direction also gets the release that plays the orchestrator. */
export interface CliContext extends ScenarioContext {
  /** Let the orchestrator work through a script on the executor at `url`. */
  converse(url: string, turns: readonly ModelTurn[], options?: ConverseOptions): Promise<Conversation>;
  readonly cli: Release;
}

/** What is left of a finished run of the orchestrator. */
export interface Conversation {
  /** Text of each tool result in the last request, by call id. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Everything the model was sent with the first request, as one text. */
  readonly firstRequest: string;
  readonly requestCount: number;
}

interface ScenarioOf<D extends Direction, C> {
  readonly direction: D;
  /** Unique, dotted, begins with the direction. */
  readonly id: string;
  /** What is promised, as a sentence. */
  readonly sentence: string;
  readonly requirements: readonly RequirementId[];
  /** Part of the short form. */
  readonly essential: boolean;
  /** Oldest release that has what the scenario looks at. */
  readonly since?: string;
  /** Of the `cli` direction: oldest release of the orchestrator that has it. */
  readonly cliSince?: string;
  /** Throws when the promise is not kept. */
  run(context: C): Promise<void>;
}

export type CliScenario = ScenarioOf<"cli", CliContext>;
export type ClientScenario = ScenarioOf<"client", ScenarioContext>;
export type WireScenario = ScenarioOf<"wire", ScenarioContext>;
export type Scenario = CliScenario | ClientScenario | WireScenario;
