import type { EnvironmentPolicy, Sandbox } from "@holdfast/exec-client";
import type { ApprovalPolicy } from "./approval-policy.ts";

/** What was decided about a command before anybody has asked for it. */
export interface CommandRule {
  /** `allow`: nobody need be asked. `prompt`: somebody is asked, sandbox or not. `forbidden`: it is not run. */
  readonly decision: "allow" | "prompt" | "forbidden";
  /** Why. */
  readonly justification: string | undefined;
}

/** What holds for a command besides what a model asks for. */
export interface ExecSettings {
  /**
   * How commands are confined. The workspace, and what relative paths start at, is the folder of the environment, whatever folder a
   * command asks for. Default `"workspace-write"`.
   */
  readonly sandbox?: Sandbox | undefined;
  /** When somebody is asked. Default `"never"`. */
  readonly approvalPolicy?: ApprovalPolicy | undefined;
  /** What was decided about the script of a command. Default: nothing. */
  readonly ruleOf?: ((command: string) => CommandRule | undefined) | undefined;
  /** What commands inherit of the executor's own environment. Default: everything. */
  readonly envPolicy?: Partial<EnvironmentPolicy> | undefined;
  /** Variables over those that commands have anyway; see {@link AGENT_VARIABLES}. An undefined value takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Thread that the calls belong to: told to commands as `CODEX_THREAD_ID` and to executors that have telemetry. */
  readonly threadId?: string | undefined;
  /** Session of the thread: told to commands as `CODEX_SESSION_ID`. */
  readonly sessionId?: string | undefined;
  /** Most tokens of output in one result, whatever a call asks for. Default 10,000. */
  readonly maxOutputTokens?: number | undefined;
  /** Default of `login`. Default true. */
  readonly login?: boolean | undefined;
  /**
   * Milliseconds that commands may run on when this program is gone, or its connection is lost and not had back. Default: as long as their executor keeps a
   * session that nobody comes back to, 120 s. Executors without the capability `holdfastProcessEnding`, as those of Codex, do that in any case.
   */
  readonly maxDetachedMs?: number | undefined;
}
