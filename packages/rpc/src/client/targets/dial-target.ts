import { abortedBy, LinkError } from "../../errors.ts";
import type { FramePort } from "../../frame-port.ts";
import type { DialOptions } from "./dial-options.ts";

/** A way to connect to the far end, called once for each attempt. */
export interface DialTarget {
  /**
   * Open a new connection. Any rejection counts as "not reachable now". A connection that comes after the signal has
   * aborted is closed.
   */
  dial(options: { readonly signal: AbortSignal }): Promise<FramePort>;
}

/** No dialler is trusted to keep the time. @throws LinkError */
export async function dialWithin(target: DialTarget, options: DialOptions): Promise<FramePort> {
  const { connectTimeoutMs, signal, clock } = options;
  const giveUp = new AbortController();
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  const stop = (error: LinkError): void => {
    reject(error);
    giveUp.abort();
  };
  const onAbort = (): void => {
    if (signal !== undefined) stop(abortedBy(signal, "dialling", { delivery: "not-sent" }));
  };
  const timer = clock.after(connectTimeoutMs, () => {
    const message = `there was no connection within ${connectTimeoutMs} ms`;
    stop(new LinkError("timeout", message, { delivery: "not-sent" }));
  });
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const dialled = giveUp.signal.aborted ? gaveUp : callDial(target, giveUp.signal);
  try {
    return await Promise.race([dialled, gaveUp]);
  } catch (error) {
    dialled.then(
      (port) => port.destroy("the connection came too late"),
      () => {},
    );
    throw error;
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

async function callDial(target: DialTarget, signal: AbortSignal): Promise<FramePort> {
  try {
    return await target.dial({ signal });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LinkError("closed", `dialling failed: ${reason}`, { delivery: "not-sent", cause });
  }
}
