import type { CallOptions, LinkV1 } from "@holdfast/protocol-kit";
import type { Clock } from "../../clock.ts";
import { type Delivery, isLinkError } from "../../errors.ts";
import type { Peer } from "../../peer-types.ts";
import { endError, type LinkEnd } from "./link-end.ts";
import { type WaitingCall, WaitingCalls } from "./waiting-calls.ts";

/** One connection of many that follow each other. */
export interface HealingLine {
  readonly peer: Pick<Peer, "call" | "notify" | "on">;
  readonly isOpen: boolean;
  /** Resolves when it is of no more use. */
  readonly lost: Promise<unknown>;
}

/** Where the line is. */
export type HealingState<Line extends HealingLine> =
  | { readonly kind: "connected"; readonly line: Line }
  | { readonly kind: "recovering" }
  | ({ readonly kind: "failed" | "closed" } & LinkEnd);

/** What an API says of its calls. */
export interface CallPolicy {
  /** How long the answer may take on a line that is there, milliseconds. Undefined: as long as it likes. */
  answerTimeoutOf(method: string): number | undefined;
  /** Whether a call goes out though there are as many as may wait for their answers. */
  isUrgent(method: string): boolean;
  /** How many times a call may be sent again when its answer was lost with the line. */
  replaysOf(method: string): number;
}

/** What the link needs from its owner. */
export interface HealingLinkPort<Line extends HealingLine> {
  readonly clock: Clock;
  readonly state: HealingState<Line>;
  readonly policy: CallPolicy;
  /** A call was on the line when it broke, or may not have been read; it will not be repeated. */
  onAmbiguous(method: string, params: unknown): void;
}

interface LinkCall<Line> extends WaitingCall {
  delivery: Delivery;
  run(line: Line): void;
}

interface Subscription {
  readonly method: string;
  readonly handler: (params: unknown, metadata?: unknown) => void;
  stop: () => void;
}

/**
 * A link that outlives its lines: calls made while there is none wait for the next one, and what was on the line when
 * it broke is sent again where that is safe.
 */
export class HealingLink<Line extends HealingLine> implements LinkV1 {
  readonly #port: HealingLinkPort<Line>;
  readonly #waiting: WaitingCalls;
  readonly #subscriptions = new Set<Subscription>();

  constructor(port: HealingLinkPort<Line>) {
    this.#port = port;
    this.#waiting = new WaitingCalls(port.clock);
  }

  call(method: string, params: unknown, options: CallOptions = {}): Promise<unknown> {
    const { clock, policy } = this.#port;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const howToCall = { answerTimeoutMs: policy.answerTimeoutOf(method), urgent: policy.isUrgent(method) };
    let replaysLeft = policy.replaysOf(method);
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
  on(method: string, handler: (params: unknown, metadata?: unknown) => void): () => void {
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
    steps: Pick<LinkCall<Line>, "run" | "fail">,
  ): LinkCall<Line> {
    const dueMs = timeoutMs === undefined ? undefined : this.#port.clock.now() + timeoutMs;
    const call: LinkCall<Line> = {
      method,
      signal,
      dueMs,
      delivery: "not-sent",
      dispatch: () => this.#dispatch(call),
      ...steps,
    };
    return call;
  }

  #dispatch(call: LinkCall<Line>): void {
    const { state } = this.#port;
    if (state.kind === "connected") call.run(state.line);
    else if (state.kind === "recovering") this.#waiting.add(call);
    else call.fail(endError(state, { delivery: call.delivery, method: call.method }));
  }

  /** A peer knows of its end a little earlier than the owner of the line. */
  #dispatchAfter(line: Line, call: LinkCall<Line>): void {
    const { state } = this.#port;
    if (state.kind === "connected" && state.line === line) void line.lost.then(() => this.#dispatch(call));
    else this.#dispatch(call);
  }
}
