import type { ServerRequests } from "@holdfast/app-server-protocol";
import type { TurnQuestion } from "./turn-port.ts";
import type { TurnScope } from "./turn-scope.ts";

/**
 * Ask the clients, and wait for an answer no longer than this.
 *
 * @throws Error - Nobody has answered in time. @throws The reason of the turn's signal.
 */
export async function askWithin<Name extends TurnQuestion>(
  { port, signal, clock }: Pick<TurnScope, "port" | "signal" | "clock">,
  name: Name,
  params: Parameters<typeof port.ask<Name>>[1],
  maxMs: number,
): Promise<ServerRequests[Name]["result"]> {
  const late = new AbortController();
  const reason = new Error(`no client has answered within ${maxMs / 1_000} s`);
  const timer = clock.after(maxMs, () => late.abort(reason));
  try {
    return await port.ask<Name>(name, params, AbortSignal.any([signal, late.signal]));
  } finally {
    timer.cancel();
  }
}
