import type { HoldfastSignal } from "@holdfast/exec-server-protocol";
import { type Check, shownValue } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../errors.ts";

/** A signal by its name, e.g. `SIGTERM`. */
export type SignalName = HoldfastSignal;

/** As names of members, so that none is missing. */
const SIGNALS: Readonly<Record<SignalName, true>> = {
  SIGHUP: true,
  SIGINT: true,
  SIGQUIT: true,
  SIGILL: true,
  SIGTRAP: true,
  SIGABRT: true,
  SIGBUS: true,
  SIGFPE: true,
  SIGKILL: true,
  SIGUSR1: true,
  SIGSEGV: true,
  SIGUSR2: true,
  SIGPIPE: true,
  SIGALRM: true,
  SIGTERM: true,
  SIGCHLD: true,
  SIGCONT: true,
  SIGSTOP: true,
  SIGTSTP: true,
  SIGTTIN: true,
  SIGTTOU: true,
  SIGURG: true,
  SIGXCPU: true,
  SIGXFSZ: true,
  SIGVTALRM: true,
  SIGPROF: true,
  SIGWINCH: true,
  SIGIO: true,
  SIGSYS: true,
};

/** The name of a signal. */
export const signalName: Check = (value, name) => {
  if (typeof value === "string" && Object.hasOwn(SIGNALS, value)) return;
  const message = `${name} must be the name of a signal such as "SIGTERM", not ${shownValue(value)}`;
  throw new InvalidArgumentError(name, message);
};

/** Whether every executor can send it, or has none to send. */
export function isWireSignal(signal: SignalName | undefined): boolean {
  return signal === undefined || signal === "SIGINT" || signal === "SIGKILL";
}
