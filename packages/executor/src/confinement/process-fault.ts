import { ERROR_CODES, type ProcessStartErrorData, type ProcessStartErrorKind } from "@holdfast/exec-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import { isSandboxError } from "@holdfast/sandbox";

const UNENFORCEABLE = "sandbox intent cannot be enforced on this executor";

/** Peers know these words without anything before them. */
export const NO_NATIVE_CONTAINERS = "native MXC is unavailable on this executor";

/** What a peer is told when the sandbox of a command can't be had. Anything else passes. */
export function toProcessFault(thrown: unknown): unknown {
  if (!isSandboxError(thrown)) return thrown;
  if (thrown.message === NO_NATIVE_CONTAINERS) return refusal("sandboxUnavailable", thrown.message, thrown);
  return thrown.code === "invalid"
    ? refusal("sandboxPreparation", `failed to prepare process sandbox: ${thrown.message}`, thrown)
    : refusal("sandboxUnavailable", withReason(UNENFORCEABLE, thrown.message), thrown);
}

function refusal(kind: ProcessStartErrorKind, message: string, cause: unknown): RpcFault {
  const data: ProcessStartErrorData = { kind, holdfast: { reason: "sandbox" } };
  return new RpcFault(ERROR_CODES.InvalidParams, message, { data, cause });
}

/** The rule, and after it the reason, which may say the rule already. */
export function withReason(rule: string, reason: string): string {
  const own = reason.startsWith(UNENFORCEABLE) ? reason.slice(UNENFORCEABLE.length).replace(/^: /, "") : reason;
  return own === "" ? rule : `${rule}: ${own}`;
}
