import { constants } from "node:os";
import type { SignalName } from "@holdfast/exec-client";
import { UsageError } from "../command-line/failure.ts";

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));
/** Names of real-time signals and of faults of hardware that no wire carries. */
const UNKNOWN_TO_THE_WIRE: ReadonlySet<string> = new Set(["SIGIOT", "SIGPOLL", "SIGPWR", "SIGSTKFLT", "SIGUNUSED"]);

/**
 * The signal that somebody means by `TERM`, `sigterm`, `SIGTERM` or `15`.
 *
 * @throws UsageError it is none.
 */
export function signalNamed(text: string): SignalName {
  const upper = text.toUpperCase();
  const name = /^\d+$/.test(text) ? nameOf(Number(text)) : upper.startsWith("SIG") ? upper : `SIG${upper}`;
  if (name !== undefined && NUMBERS.has(name) && !UNKNOWN_TO_THE_WIRE.has(name)) return name as SignalName;
  throw new UsageError(`--signal must be the name or number of a signal, such as TERM or 15, not '${text}'`);
}

function nameOf(number: number): string | undefined {
  return [...NUMBERS].find(([name, each]) => each === number && !UNKNOWN_TO_THE_WIRE.has(name))?.[0];
}
