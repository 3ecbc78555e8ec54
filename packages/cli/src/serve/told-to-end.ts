import { constants } from "node:os";
import { type EndSignal, endBy, endSignals, ignore } from "../signals/end-signals.ts";
import { hasTerminal } from "../signals/hangup.ts";

/** What SIGHUP means where it does not end the program. */
export interface Reloading {
  /** It means that even with a terminal, as long as that is there. */
  readonly isExpected: boolean;
  reload(): void;
}

const NOTHING_TO_RELOAD: Reloading = { isExpected: false, reload: () => {} };

/**
 * Resolves at the first signal that tells the program to end. A second one ends it at once, in the ordinary way.
 *
 * SIGHUP is one of them where the program has a terminal, which is gone then. To a service it says that settings are to be read anew, and
 * to a program that was given a file of settings as well, unless the terminal is really gone.
 */
export function toldToEndServing(reloading: Reloading = NOTHING_TO_RELOAD): Promise<void> {
  const hadTerminal = hasTerminal();
  // Without it there, whoever started this program has said that a terminal that goes is none of its business.
  const isHangupHeeded = endSignals().includes("SIGHUP");
  const isHangup = (): boolean => isHangupHeeded && hadTerminal && !(reloading.isExpected && hasTerminal());
  const heeded = endSignals().filter((signal) => signal !== "SIGHUP");
  ignore("SIGHUP");
  return new Promise((resolve) => {
    const onSecond = (signal: EndSignal): never => endBy(signal, 128 + constants.signals[signal]);
    const onFirst = (): void => {
      process.removeListener("SIGHUP", onHangup);
      for (const signal of heeded) process.removeListener(signal, onFirst).on(signal, onSecond);
      if (isHangupHeeded && hadTerminal) process.on("SIGHUP", onSecond);
      resolve();
    };
    const onHangup = (): void => (isHangup() ? onFirst() : reloading.reload());
    for (const signal of heeded) process.on(signal, onFirst);
    process.on("SIGHUP", onHangup);
  });
}
