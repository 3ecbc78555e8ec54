import type { SandboxDenial } from "@holdfast/exec-client";

/** What somebody is asked to approve. */
export interface ApprovalRequest {
  /** Of the call that it is about. */
  readonly callId: string;
  readonly environmentId: string;
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** The script that the shell is given. */
  readonly command: string;
  /** Native path. */
  readonly cwd: string;
  /** Whether it would run without its sandbox. Under the policy `untrusted` one that would not does so later, should the sandbox refuse it something. */
  readonly unsandboxed: boolean;
  /** The model's words, or that it failed. */
  readonly reason: string | undefined;
  /** Beginning of command lines that the model proposes to approve for good. */
  readonly prefixRule: readonly string[] | undefined;
  /** How it failed in its sandbox. Undefined: it has not run yet. */
  readonly denied: DeniedAttempt | undefined;
}

/** A command that its sandbox refused something. */
export interface DeniedAttempt {
  readonly exitCode: number;
  /** What it printed: the beginning and the end of it. */
  readonly output: string;
  /** What was probably refused. */
  readonly denial: SandboxDenial | undefined;
}

/** `accept-for-session`: the same command is not asked for again. `cancel`: nor is anything else of this turn wanted, which is for who asks to see to. */
export type ApprovalDecision = "accept" | "accept-for-session" | "decline" | "cancel";

/**
 * Asks somebody.
 *
 * @param signal - Aborted when the answer is of no use any more.
 * @throws unknown - Counts as a refusal.
 */
export type AskApproval = (
  request: ApprovalRequest,
  signal: AbortSignal,
) => Promise<ApprovalDecision> | ApprovalDecision;
