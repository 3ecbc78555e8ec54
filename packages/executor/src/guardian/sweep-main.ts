import { type SweepOptions, sweep } from "./sweep.ts";

const END_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** What the guardian becomes when its executor is gone: a process of its own whose exit code tells whether all are gone. */
export function sweepAsProgram(options: SweepOptions): void {
  // With a handler they end nothing: the sweep goes to its own end.
  for (const signal of END_SIGNALS) process.on(signal, () => {});
  process.exitCode = sweep(options) ? 0 : 1;
}
