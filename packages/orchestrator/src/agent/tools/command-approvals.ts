import type { CommandExecutionApprovalDecision } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import type { ApprovalDecision, ApprovalRequest } from "../../unified-exec/approvals.ts";
import { ALLOWED_PREFIXES_MAX } from "../turn/limits.ts";
import type { TurnPort } from "../turn/turn-port.ts";
import type { OpenCommand } from "./command-items.ts";
import { simpleCommands } from "./command-line.ts";

/** Asks clients about commands, and keeps what they allow for the rest of a thread. */
export class CommandApprovals {
  readonly #allowed: (readonly string[])[] = [];

  /** @param onCancel - Nothing more of the turn is wanted. */
  async ask(
    port: TurnPort,
    request: ApprovalRequest,
    { item, command }: OpenCommand,
    { signal, onCancel }: { readonly signal: AbortSignal; readonly onCancel: () => void },
  ): Promise<ApprovalDecision> {
    if (this.#isAllowed(command)) return "accept";
    const proposal = request.prefixRule ?? wordsOf(command);
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
      this.#allow(decision.prefix);
      return "accept";
    }
    if (decision === "cancel") onCancel();
    return decision;
  }

  #allow(prefix: readonly string[]): void {
    if (prefix.length === 0) return;
    this.#allowed.push(prefix);
    if (this.#allowed.length > ALLOWED_PREFIXES_MAX) this.#allowed.shift();
  }

  /** Whether each command of the script begins as one that is allowed. */
  #isAllowed(script: string): boolean {
    const commands = this.#allowed.length === 0 ? undefined : simpleCommands(script);
    if (commands === undefined) return false;
    return commands.every(({ words }) =>
      this.#allowed.some((prefix) => prefix.every((word, index) => words[index] === word)),
    );
  }
}

/** What can be allowed for good, where a model proposes nothing: the very words of a single command. */
function wordsOf(script: string): readonly string[] | undefined {
  const commands = simpleCommands(script);
  return commands?.length === 1 ? commands[0]?.words : undefined;
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
