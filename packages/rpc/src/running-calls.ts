import type { Inbound, RpcId } from "@holdfast/protocol-kit";
import type { InboundCall } from "./peer-types.ts";

type CallMessage = Extract<Inbound, { kind: "call" }>;

/** The inbound calls that have started and not yet been answered. */
export class RunningCalls {
  readonly #controllers = new Set<AbortController>();
  #size = 0;
  #abortReason: Error | undefined;

  get size(): number {
    return this.#size;
  }

  start(message: CallMessage): RunningCall {
    this.#size += 1;
    return new RunningCall(message, this);
  }

  finish(call: RunningCall): void {
    this.#size -= 1;
    call.forget();
  }

  /** Abort every handler: its answer can no longer be delivered. */
  abortAll(reason: Error): void {
    this.#abortReason = reason;
    for (const controller of this.#controllers) controller.abort(reason);
    this.#controllers.clear();
  }

  adopt(controller: AbortController): void {
    if (this.#abortReason === undefined) this.#controllers.add(controller);
    else controller.abort(this.#abortReason);
  }

  drop(controller: AbortController): void {
    this.#controllers.delete(controller);
  }
}

/** One call as its handler sees it. Most handlers never look at the signal, so it is made on first use. */
export class RunningCall implements InboundCall {
  readonly id: RpcId;
  readonly method: string;
  readonly params: unknown;
  readonly trace: unknown;
  readonly #owner: RunningCalls;
  #controller: AbortController | undefined;

  constructor(message: CallMessage, owner: RunningCalls) {
    this.id = message.id;
    this.method = message.method;
    this.params = message.params;
    this.trace = message.trace;
    this.#owner = owner;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#owner.adopt(this.#controller);
    }
    return this.#controller.signal;
  }

  forget(): void {
    if (this.#controller !== undefined) this.#owner.drop(this.#controller);
  }
}
