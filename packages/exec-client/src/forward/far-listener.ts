import type { RunningProcess } from "../process/running-process.ts";
import { connectionEnd, type FarEnd } from "./far-end.ts";
import type { ForwardHost } from "./forward-host.ts";
import type { Forwarding, ForwardReverseOptions } from "./types.ts";

/** Somebody who has connected there. */
export interface Incoming {
  /** Once, unless it is refused. */
  open(): Promise<FarEnd>;
  /** Have a reset seen there. */
  refuse(): Promise<void>;
}

/** What listens on the executor's machine. */
export interface FarListener {
  readonly via: Forwarding["via"];
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** The next one who connects. @throws Error - There will be none. */
  accept(): Promise<Incoming>;
  close(): Promise<void>;
}

/**
 * Listen on the executor's machine.
 *
 * @throws ListenError - It can't listen there. @throws UnsupportedError - Neither it nor a program there can.
 */
export async function farListener(executor: ForwardHost, options: ForwardReverseOptions): Promise<FarListener> {
  const { host, port, path, otherMachines, signal } = options;
  const listener = await executor.processes.listen({ host, port, path, otherMachines }, { signal });
  return {
    via: "executor",
    host: listener.host,
    port: listener.port,
    accept: async () => incomingOf(await listener.accept()),
    close: () => listener.close(),
  };
}

function incomingOf(process: RunningProcess): Incoming {
  const end = connectionEnd(process);
  return { open: async () => end, refuse: async () => await end[Symbol.asyncDispose]() };
}
