import type { ThreadItem } from "@holdfast/app-server-protocol";
import type { TurnEntry } from "../rollout/turn-index.ts";
import type { TurnTask } from "../turn/thread-runtime.ts";
import type { TurnInput } from "../turn/turn-port.ts";
import { WAITING_INPUTS_MAX } from "./limits.ts";
import { refused } from "./refusals.ts";

/** A turn that waits or runs. */
export class ActiveTurn {
  readonly entry: TurnEntry;
  readonly task: TurnTask;
  /** Milliseconds since 1970. */
  startedAtMs = 0;
  /** The last one: what a turn comes to, in short. */
  lastMessage: ThreadItem | undefined;
  /** The error that was told and is not followed by another try. */
  hasToldError = false;
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  readonly #end: () => void;
  readonly #listeners = new Set<() => void>();
  #input: TurnInput[] = [];

  constructor(entry: TurnEntry, task: TurnTask) {
    this.entry = entry;
    this.task = task;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  get id(): string {
    return this.entry.id;
  }

  /** Interrupts it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get hasInput(): boolean {
    return this.#input.length > 0;
  }

  /** What is said goes into it. */
  get takesInput(): boolean {
    return this.task.kind === "answer" && !this.signal.aborted;
  }

  /** @throws RpcFault - Too much waits already. */
  say(input: TurnInput): void {
    if (this.#input.length >= WAITING_INPUTS_MAX) {
      throw refused(`the turn has ${WAITING_INPUTS_MAX} messages that it has not taken yet: wait until it goes on`);
    }
    this.#input.push(input);
    for (const listener of [...this.#listeners]) listener();
  }

  takeInput(): readonly TurnInput[] {
    const taken = this.#input;
    this.#input = [];
    return taken;
  }

  onInput(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  interrupt(): void {
    this.#abort.abort(new Error("the turn was interrupted"));
  }

  end(): void {
    this.#listeners.clear();
    this.#end();
  }
}
