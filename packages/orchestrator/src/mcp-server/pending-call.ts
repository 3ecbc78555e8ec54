import { randomUUID } from "node:crypto";
import type { ToolResult } from "../tools/tool.ts";

/** Something that a tool has to know from whoever sits in front of the client, before it goes on. */
export interface Question {
  readonly message: string;
  /** The answers that there are, in words for people. */
  readonly choices: readonly string[];
}

interface OpenQuestion {
  readonly question: Question;
  /** @param choice - Undefined: none of them. */
  answer(choice: string | undefined): void;
}

/** What a call has come to. */
export type CallState =
  | { readonly kind: "done"; readonly result: ToolResult }
  | { readonly kind: "asks"; readonly question: Question };

/** Those that are not done. */
export interface PendingCalls {
  begin(call: PendingCall): void;
  end(call: PendingCall): void;
}

/** One call of a tool, which goes on while its client is asked something: that ends one request and begins another. */
export class PendingCall {
  readonly id = randomUUID();
  readonly #end = new AbortController();
  readonly #done: Promise<CallState>;
  /** The first is the one that the client is asked. */
  readonly #questions: OpenQuestion[] = [];
  #asked = Promise.withResolvers<CallState>();

  /**
   * @param run - Makes the call.
   * @param calls - Has it among them before it is made, until it is done.
   */
  constructor(run: (callId: string, signal: AbortSignal) => Promise<ToolResult>, calls: PendingCalls) {
    calls.begin(this);
    this.#done = run(this.id, this.#end.signal).then((result) => ({ kind: "done", result }));
    const onEnd = (): void => calls.end(this);
    // Who asks for the state is told of a failure; when nobody does, nobody misses it.
    this.#done.then(onEnd, onEnd);
  }

  /** @returns What was chosen; undefined: nothing. @throws The reason of `signal`. */
  async ask(question: Question, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    const open = { question, answer: resolve };
    this.#questions.push(open);
    this.#askFirst();
    const onAbort = (): void => {
      this.#close(open);
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Answer the question that {@link PendingCall.next} told of; nothing where it is not open any more. */
  answer(choice: string | undefined): void {
    const [first] = this.#questions;
    if (first === undefined) return;
    this.#close(first);
    first.answer(first.question.choices.find((each) => each === choice));
  }

  /**
   * Wait for its result, or a question.
   *
   * @param signal - Gives the call up.
   * @throws What the tool throws: the reason of `signal`.
   */
  async next(signal: AbortSignal): Promise<CallState> {
    const onAbort = (): void => this.#end.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([this.#done, this.#asked.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #close(open: OpenQuestion): void {
    const index = this.#questions.indexOf(open);
    if (index === -1) return;
    this.#questions.splice(index, 1);
    if (index > 0) return;
    // Whoever waits for the state has been told of this question.
    this.#asked = Promise.withResolvers();
    this.#askFirst();
  }

  #askFirst(): void {
    const [first] = this.#questions;
    if (first !== undefined) this.#asked.resolve({ kind: "asks", question: first.question });
  }
}
