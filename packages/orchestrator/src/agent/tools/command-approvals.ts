import type { CommandExecutionApprovalDecision } from "@holdfast/app-server-protocol";
import type { ExecRules } from "../../exec-rules/exec-rules.ts";
import { isTooWide } from "../../exec-rules/too-wide.ts";
import { isRecord } from "../../steps/is-record.ts";
import type { ApprovalDecision, ApprovalRequest } from "../../unified-exec/approvals.ts";
import type { TurnPort } from "../turn/turn-port.ts";
import type { OpenCommand } from "./command-items.ts";

/** Asks clients about commands, and keeps what they allow for good. */
export class CommandApprovals {
  readonly #rules: ExecRules;

  constructor(rules: ExecRules) {
    this.#rules = rules;
  }

  /** @param onCancel - Nothing more of the turn is wanted. */
  async ask(
    port: TurnPort,
    request: ApprovalRequest,
    { item, command }: OpenCommand,
    { signal, onCancel }: { readonly signal: AbortSignal; readonly onCancel: () => void },
  ): Promise<ApprovalDecision> {
    // Somebody may have allowed it while another call was asked about.
    if (this.#rules.ruleOf(command)?.decision === "allow") return "accept";
    const proposal = proposalOf(request.prefixRule, this.#rules.undecided(command));
    const amendment = proposal === undefined ? undefined : [...proposal];
    const available: CommandExecutionApprovalDecision[] = [
      "accept",
      ...(amendment === undefined
        ? (["acceptForSession"] as const)
        : [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: amendment } }]),
      "cancel",
    ];
    const answer = await port.ask(
      "item/commandExecution/requestApproval",
      {
        kind: "command",
        itemId: item.id,
        startedAtMs: Date.now(),
        environmentId: request.environmentId,
        reason: request.reason ?? null,
        command: item.command,
        cwd: item.cwd,
        commandActions: item.commandActions,
        proposedExecpolicyAmendment: amendment ?? null,
        availableDecisions: available,
      },
      signal,
    );
    const decision = decided(answer.decision);
    if (typeof decision !== "string") {
      if (decision.prefix.length > 0) await this.#rules.allow(decision.prefix);
      return "accept";
    }
    if (decision === "cancel") onCancel();
    return decision;
  }
}

/** What is offered to be allowed for good: what the model proposes, if the command begins so and not everything would, or else the very words of the command. */
function proposalOf(
  proposed: readonly string[] | undefined,
  words: readonly string[] | undefined,
): readonly string[] | undefined {
  if (proposed === undefined || words === undefined) return words;
  const isBeginning = proposed.length > 0 && proposed.every((word, index) => words[index] === word);
  return isBeginning && !isTooWide(proposed) ? proposed : words;
}

/** What is not understood is refused. */
function decided(
  decision: CommandExecutionApprovalDecision,
): ApprovalDecision | { readonly prefix: readonly string[] } {
  switch (decision) {
    case "accept":
    case "decline":
    case "cancel":
      return decision;
    case "acceptForSession":
      return "accept-for-session";
    default:
      return prefixIn(decision) ?? "decline";
  }
}

function prefixIn(decision: unknown): { readonly prefix: readonly string[] } | undefined {
  if (!isRecord(decision)) return undefined;
  const { acceptWithExecpolicyAmendment: amendment } = decision;
  if (!isRecord(amendment)) return undefined;
  const { execpolicy_amendment: prefix } = amendment;
  return Array.isArray(prefix) && prefix.every((word) => typeof word === "string") ? { prefix } : undefined;
}
