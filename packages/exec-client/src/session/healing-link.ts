import { type CallOptions, type Clock, type Delivery, isLinkError, type LinkV1 } from "@holdfast/rpc";
import type { Line } from "./line.ts";
import { answerTimeoutOf, isUrgent, replaysOf } from "./replay.ts";
import { endError, type SessionState } from "./session-state.ts";
import { type WaitingCall, WaitingCalls } from "./waiting-calls.ts";

/** What the link needs from its session. */
export interface HealingLinkPort {
  readonly clock: Clock;
  readonly state: SessionState;
  /** Whether an answer may take as long as it likes, on a line that is there. */
  readonly isPatient: boolean;
  /** A call was on the line when it broke, or may not have been read; it will not be repeated. */
  onAmbiguous(method: string, params: unknown): void;
}

interface LinkCall extends WaitingCall {
  delivery: Delivery;
  run(line: Line): void;
}

interface Subscription {
  readonly method: string;
  readonly handler: (params: unknown) => void;
  stop: () => void;
}

/**
 * A link that outlives its lines: calls made while there is none wait for the next one, and what was on the line when
 * it broke is sent again where that is safe.
 */
export class HealingLink implements LinkV1 {
  readonly #port: HealingLinkPort;
  readonly #waiting: WaitingCalls;
  readonly #subscriptions = new Set<Subscription>();

  constructor(port: HealingLinkPort) {
    this.#port = port;
    this.#waiting = new WaitingCalls(port.clock);
  }

  call(method: string, params: unknown, options: CallOptions = {}): Promise<unknown> {
    const { clock, isPatient } = this.#port;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const answerTimeoutMs = isPatient ? undefined : answerTimeoutOf(method);
    const howToCall = { answerTimeoutMs, urgent: isUrgent(method) };
    let replaysLeft = replaysOf(method);
    const failed = (line: Line, error: unknown): void => {
      const isUnanswered = isLinkError(error) && (error.code === "malformed" || error.code === "timeout");
      if (isUnanswered && error.delivery === "unknown") this.#port.onAmbiguous(method, params);
      if (isLinkError(error) && error.code === "closed" && error.delivery === "unknown") {
        call.delivery = "unknown";
        replaysLeft -= 1;
        if (replaysLeft < 0) this.#port.onAmbiguous(method, params);
      }
      if (isLinkError(error) && error.code === "closed" && replaysLeft >= 0) this.#dispatchAfter(line, call);
      else reject(error);
    };
    const call = this.#prepare(method, options, {
      run: (line) => {
        const timeoutMs = call.dueMs === undefined ? undefined : Math.max(0, call.dueMs - clock.now());
        line.peer
          .call(method, params, { ...options, ...howToCall, timeoutMs })
          .then(resolve, (error) => failed(line, error));
      },
      fail: reject,
    });
    this.#dispatch(call);
    return promise;
  }

  /** The line there is, or the next one. For what lives and dies with its connection. */
  line(method: string, options: Pick<CallOptions, "signal" | "timeoutMs">): Promise<Line> {
    const { promise, resolve, reject } = Promise.withResolvers<Line>();
    const call = this.#prepare(method, options, {
      run: (line) => {
        if (line.isOpen) resolve(line);
        else this.#dispatchAfter(line, call);
      },
      fail: reject,
    });
    this.#dispatch(call);
    return promise;
  }

  notify(method: string, params: unknown): void {
    const { state } = this.#port;
    if (state.kind === "connected") state.line.peer.notify(method, params);
  }

  /** Hear every notice of one method on the line that is in use, and on those after it. */
  on(method: string, handler: (params: unknown) => void): () => void {
    const { state } = this.#port;
    const subscription: Subscription = { method, handler, stop: () => {} };
    this.#subscriptions.add(subscription);
    if (state.kind === "connected") subscription.stop = state.line.peer.on(method, handler);
    return () => {
      this.#subscriptions.delete(subscription);
      subscription.stop();
    };
  }

  /** The state has changed: waiting calls go out, or fail. */
  release(): void {
    const { state } = this.#port;
    if (state.kind === "connected") {
      for (const each of this.#subscriptions) each.stop = state.line.peer.on(each.method, each.handler);
    }
    this.#waiting.release();
  }

  #prepare(
    method: string,
    { signal, timeoutMs }: Pick<CallOptions, "signal" | "timeoutMs">,
    steps: Pick<LinkCall, "run" | "fail">,
  ): LinkCall {
    const dueMs = timeoutMs === undefined ? undefined : this.#port.clock.now() + timeoutMs;
    const call: LinkCall = {
      method,
      signal,
      dueMs,
      delivery: "not-sent",
      dispatch: () => this.#dispatch(call),
      ...steps,
    };
    return call;
  }

  #dispatch(call: LinkCall): void {
    const { state } = this.#port;
    if (state.kind === "connected") call.run(state.line);
    else if (state.kind === "recovering") this.#waiting.add(call);
    else call.fail(endError(state, { delivery: call.delivery, method: call.method }));
  }

  /** A peer knows of its end a little earlier than the session. */
  #dispatchAfter(line: Line, call: LinkCall): void {
    const { state } = this.#port;
    if (state.kind === "connected" && state.line === line) void line.lost.then(() => this.#dispatch(call));
    else this.#dispatch(call);
  }
}
