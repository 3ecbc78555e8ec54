import { constants } from "node:os";
import { type EndSignal, endBy, endSignals, ignore } from "../signals/end-signals.ts";
import { hasTerminal } from "../signals/hangup.ts";

/**
 * Resolves at the first signal that tells the program to end. A second one ends it at once, in the ordinary way.
 *
 * SIGHUP is one of them where the program has a terminal, which is gone then. To a service it means nothing.
 */
export function toldToEndServing(): Promise<void> {
  const heeded = endSignals().filter((signal) => signal !== "SIGHUP" || hasTerminal());
  if (!heeded.includes("SIGHUP")) ignore("SIGHUP");
  return new Promise((resolve) => {
    const onSecond = (signal: EndSignal): never => endBy(signal, 128 + constants.signals[signal]);
    const onFirst = (): void => {
      for (const signal of heeded) process.removeListener(signal, onFirst).on(signal, onSecond);
      resolve();
    };
    for (const signal of heeded) process.on(signal, onFirst);
  });
}
