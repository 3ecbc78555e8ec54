import { abortedBy } from "@holdfast/rpc";
import { abortSignal, checkOptions, type OptionChecks } from "@holdfast/rpc/client";
import type { ExitStatus } from "../process/events.ts";
import type { RunningProcess } from "../process/running-process.ts";
import { followTerminalSize } from "./follow-terminal-size.ts";
import type { LocalTerminal, LocalTerminalOutput } from "./local-terminal.ts";
import { passKeys } from "./pass-keys.ts";

/** How long to attach. */
export interface AttachTerminalOptions {
  /** Let go of the process, which runs on; the call rejects with `AbortError` or `TimeoutError`. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: OptionChecks<AttachTerminalOptions> = { signal: abortSignal };

/**
 * Put the terminal of this program in front of a process that runs in one: every key goes there, ctrl-C included, everything it
 * shows appears here, and it has the size of this one.
 *
 * The terminal here is in raw mode meanwhile, and as it was before when this settles, whichever way.
 *
 * @param process - Started with `tty: true` or `terminal`, or attached to.
 * @param terminal - `{ stdin: process.stdin, stdout: process.stdout }` in Node.
 * @returns How it ended.
 * @throws LinkError - The connection is gone for good, or `signal` was aborted; the process may be running.
 * @throws unknown - As `process.events()`; or the error with which the terminal can not be written to.
 */
export async function attachTerminal(
  process: RunningProcess,
  { stdin, stdout }: LocalTerminal,
  options: AttachTerminalOptions = {},
): Promise<ExitStatus> {
  checkOptions(options, OPTIONS, "attachTerminal");
  const { signal } = options;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    if (signal !== undefined) reject(abortedBy(signal, "attachTerminal", { delivery: "unknown" }));
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  const events = process.events();
  try {
    // Before the first key: one that is aborted already changes nothing.
    await Promise.race([aborted, Promise.resolve()]);
    using _keys = passKeys(process, stdin);
    using _size = followTerminalSize(process, stdout);
    await Promise.race([aborted, show(events, stdout)]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    void events.return();
  }
  return await process.closed;
}

async function show(events: ReturnType<RunningProcess["events"]>, stdout: LocalTerminalOutput): Promise<void> {
  for await (const event of events) if (event.type === "output") await written(stdout, event.data);
}

function written(stdout: LocalTerminalOutput, data: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stdout.write(data, (error) => (error ? reject(error) : resolve()));
  return promise;
}
