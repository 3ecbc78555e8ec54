import type { InboundCall } from "@holdfast/rpc";
import type { HostCall, HostClient } from "./host-client.ts";

/** A call as its handler sees it, with what is to be done once it is answered. */
export class AnsweredCall implements HostCall {
  readonly client: HostClient;
  readonly #call: InboundCall;
  readonly #listeners: (() => void)[] = [];

  constructor(client: HostClient, call: InboundCall) {
    this.client = client;
    this.#call = call;
  }

  /** Most handlers never look at it, and the call makes it when it is asked for. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  afterAnswer(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** @returns the answer, which whoever gets it sends before anything else. */
  run(handle: (call: HostCall) => unknown): unknown {
    const answer = handle(this);
    // In the order of promises: who sends the answer has asked for it by then.
    queueMicrotask(() => {
      if (isPromise(answer)) answer.then(() => this.#answered(), ignore);
      else this.#answered();
    });
    return answer;
  }

  #answered(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}

function ignore(): void {}
