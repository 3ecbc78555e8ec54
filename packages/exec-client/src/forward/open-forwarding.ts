import { systemClock } from "@holdfast/rpc";
import { abortedCall } from "../abortable.ts";
import { TERMINATE_WAIT_MS } from "../limits.ts";
import { settledWithin } from "../settled-within.ts";
import type { ForwardHost } from "./forward-host.ts";
import type { OpenConnections } from "./open-connections.ts";
import type { Forwarding, ForwardOptions } from "./types.ts";

/** What listens, wherever that is. */
interface Parts extends Pick<Forwarding, "host" | "port" | "path" | "via"> {
  readonly connections: OpenConnections;
  stopListening(): Promise<unknown>;
}

/**
 * A forwarding of what listens already, and the way to end it with a reason.
 *
 * @throws LinkError - `signal` was aborted meanwhile.
 */
export async function openForwarding(
  executor: ForwardHost,
  { signal }: Pick<ForwardOptions, "signal">,
  { connections, stopListening, ...place }: Parts,
): Promise<{ readonly forwarding: Forwarding; end(reason: Error | undefined): Promise<void> }> {
  const { promise: closed, resolve } = Promise.withResolvers<Error | undefined>();
  let ending: Promise<void> | undefined;
  const end = (reason: Error | undefined): Promise<void> => {
    ending ??= (async () => {
      signal?.removeEventListener("abort", close);
      const ended = Promise.all([stopListening(), connections.end()]);
      // Where nobody can be told, it ends with the session.
      await settledWithin(ended, TERMINATE_WAIT_MS, systemClock);
      resolve(reason);
    })();
    return ending;
  };
  const close = (): Promise<void> => end(undefined);
  if (signal?.aborted) {
    await close();
    throw abortedCall("forward", "not-sent", signal);
  }
  signal?.addEventListener("abort", close, { once: true });
  void executor.closed.then(({ reason }) =>
    end(executor.state === "closed" ? undefined : new Error(`the executor is out of reach: ${reason}`)),
  );
  const forwarding: Forwarding = {
    ...place,
    get connectionCount() {
      return connections.count;
    },
    closed,
    close,
    [Symbol.asyncDispose]: close,
  };
  return { forwarding, end };
}
