import { isStartedByNohup } from "./hangup.ts";

const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"] as const;

/** A signal that tells a program to end. */
export type EndSignal = (typeof END_SIGNALS)[number];

function doNothing(): void {}
let heeded: readonly EndSignal[] | undefined;

/** Those that mean this program: all but a SIGHUP that whoever started it wanted ignored, which is ignored from here on. */
export function endSignals(): readonly EndSignal[] {
  heeded ??= END_SIGNALS.filter((signal) => signal !== "SIGHUP" || !isStartedByNohup(process.env));
  if (!heeded.includes("SIGHUP")) ignore("SIGHUP");
  return heeded;
}

/** A handler that does nothing: unlike an ignored signal, it is not inherited by what is started. */
export function ignore(signal: NodeJS.Signals): void {
  if (!process.listeners(signal).includes(doNothing)) process.on(signal, doNothing);
}

/** End this process by a signal, as if nobody had listened. */
export function endBy(signal: EndSignal, exitCode: number): never {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container gets no signal that it does not handle.
  process.exit(exitCode);
}
