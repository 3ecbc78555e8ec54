import type {
  AskForApproval,
  CollaborationMode,
  DynamicToolSpec,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
  ThreadTokenUsage,
} from "@holdfast/app-server-protocol";
import type { ThreadProfile } from "../../permissions/thread-profile.ts";
import type { SelectedCapabilityRoot } from "../../steps/capability-roots.ts";
import type { EnvironmentSelection } from "../../steps/environment-selection.ts";
import type { ThreadMcp } from "../mcp/thread-mcp.ts";
import type { TurnOutcome, TurnPort } from "./turn-port.ts";

/** What holds for a turn. Changes of it stay for the turns after. */
export interface TurnSettings {
  readonly model: string;
  /** Id of a provider of the configuration. */
  readonly modelProvider: string;
  /** Native absolute path. */
  readonly cwd: string;
  readonly approvalPolicy: AskForApproval;
  readonly sandboxPolicy: SandboxPolicy;
  /** What commands and patches are confined by in the place of the policy, which is then only the nearest to it. Default: nothing. */
  readonly profile?: ThreadProfile | undefined;
  /** Where the work is done, the primary one first. Empty: nowhere, and there are no tools for commands and files. */
  readonly environments: readonly EnvironmentSelection[];
  readonly effort: ReasoningEffort | undefined;
  readonly summary: ReasoningSummary | undefined;
  readonly serviceTier: string | undefined;
  /** In the place of our own. */
  readonly baseInstructions: string | undefined;
  readonly developerInstructions: string | undefined;
  readonly dynamicTools: readonly DynamicToolSpec[];
  /** `plan`: the user wants a plan, and nothing changed. Default: the work is done. */
  readonly collaborationMode?: CollaborationMode | undefined;
  /** Members of the configuration that were given for this thread, by dotted names. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What is done in a turn: an answer to what was said, a shorter conversation in the place of the whole, or a command of the user. */
export type TurnTask =
  | { readonly kind: "answer"; readonly outputSchema?: unknown }
  | { readonly kind: "compact" }
  | { readonly kind: "shell-command"; readonly command: string };

/** A command that goes on in the background. */
export interface BackgroundTerminal {
  readonly processId: number;
  /** Of the item that tells of it. */
  readonly itemId: string;
  readonly command: string;
  readonly cwd: string;
}

/**
 * What a thread has that lives from turn to turn: commands that go on, MCP servers, what was approved for the session. Made when a thread is loaded; disposing ends
 * all of it.
 */
export interface ThreadRuntime extends AsyncDisposable {
  /**
   * Run a turn to its end. Never rejects.
   *
   * @param signal - Interrupts it: the outcome is `interrupted`, the conversation is left such that another turn can follow, and commands go on in the background.
   */
  runTurn(port: TurnPort, settings: TurnSettings, task: TurnTask, signal: AbortSignal): Promise<TurnOutcome>;
  /** A command beside the turn that runs: its item belongs to that. */
  shellCommand(port: TurnPort, settings: TurnSettings, command: string, signal: AbortSignal): Promise<void>;
  backgroundTerminals(): readonly BackgroundTerminal[];
  /** @returns whether there was such a one. */
  endBackgroundTerminal(processId: number): Promise<boolean>;
}

/** What a thread is made for. */
export interface RuntimeThread {
  readonly threadId: string;
  readonly sessionId: string;
  /**
   * Its MCP servers: `start` when it is loaded, `ready` at the beginning of a turn, `tools` of what that gives for each request. Made by who makes the runtime (`HostMcp.open`) and ended by it,
   * after the runtime.
   */
  readonly mcp: ThreadMcp;
  /** Folders with skills that it has selected. Default: none. */
  readonly capabilityRoots?: readonly SelectedCapabilityRoot[] | undefined;
  /** What it had cost when it was kept. Undefined: nothing is known of that. */
  readonly tokenUsage?: ThreadTokenUsage | undefined;
  /** How often its conversation was made shorter. Default 0. */
  readonly compactions?: number | undefined;
  /** How it is told what happens when no turn runs: the end of a command in the background, servers that start. */
  readonly port: (turnId: string) => TurnPort;
}

export type OpenThreadRuntime = (thread: RuntimeThread) => ThreadRuntime;
