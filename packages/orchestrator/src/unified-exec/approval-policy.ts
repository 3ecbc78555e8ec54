/**
 * When somebody is asked before a command runs, or runs again.
 *
 * - `never`: nobody is asked. What the sandbox refuses has failed.
 * - `on-request`: when the model asks to run a command without its sandbox.
 * - `untrusted`: before every command. One that was approved and that the sandbox refuses runs again without it.
 * - `granular`: what is listed. Without `sandbox_approval` as `never`; with it as `on-request`, and when the sandbox has refused something.
 */
export type ApprovalPolicy = "never" | "on-request" | "untrusted" | { readonly granular: GranularApproval };

/** Kinds of requests that may be made; the others are refused unasked. Members that are left out are false. */
export interface GranularApproval {
  /** To run a command without its sandbox. */
  readonly sandbox_approval?: boolean | undefined;
  readonly rules?: boolean | undefined;
  readonly mcp_elicitations?: boolean | undefined;
  readonly request_permissions?: boolean | undefined;
  readonly skill_approval?: boolean | undefined;
}

/** What becomes of a command before it runs. */
export type StartRule = { readonly kind: "run" | "ask" } | { readonly kind: "refuse"; readonly message: string };

/** What a command is, as far as a policy looks at it. */
export interface JudgedCommand {
  /** Whether the model asks to run it without its sandbox. */
  readonly isEscalated: boolean;
  /** Whether it would have one. */
  readonly isConfined: boolean;
}

export function startRule(policy: ApprovalPolicy, { isEscalated, isConfined }: JudgedCommand): StartRule {
  if (policy === "untrusted") return { kind: "ask" };
  if (!isEscalated) return { kind: "run" };
  if (!mayEscalate(policy)) return { kind: "refuse", message: refusalOf(policy) };
  // There is nothing to run it without.
  return { kind: isConfined ? "ask" : "run" };
}

/** What becomes of a command that the sandbox has refused something: it has failed, runs again without the sandbox, or somebody is asked. */
export function denialRule(policy: ApprovalPolicy): "fail" | "run-again" | "ask" {
  if (policy === "untrusted") return "run-again";
  return typeof policy === "object" && policy.granular.sandbox_approval === true ? "ask" : "fail";
}

/** Whether a model may ask for a command to be run without its sandbox. */
export function mayEscalate(policy: ApprovalPolicy): boolean {
  if (typeof policy === "object") return policy.granular.sandbox_approval === true;
  return policy !== "never";
}

function refusalOf(policy: ApprovalPolicy): string {
  const name = policy === "never" ? "Never" : "Granular without sandbox_approval";
  return `approval policy is ${name}; reject command — you cannot ask for escalated permissions if the approval policy is ${name}`;
}
