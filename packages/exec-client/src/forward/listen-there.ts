import type { RunningProcess } from "../process/running-process.ts";
import { bridgedListener } from "./bridged-listener.ts";
import { connectionEnd } from "./far-end.ts";
import type { FarListener, Incoming } from "./far-listener.ts";
import type { ForwardHost } from "./forward-host.ts";
import type { ForwardReverseOptions } from "./types.ts";

/**
 * Listen on the executor's machine.
 *
 * @throws ListenError - It can't listen there. @throws UnsupportedError - Neither it nor a program there can.
 */
export async function listenThere(executor: ForwardHost, options: ForwardReverseOptions): Promise<FarListener> {
  const { host, port, path, otherMachines, signal } = options;
  if (!executor.environment.capabilities.holdfastListeners) return await bridgedListener(executor, options);
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
