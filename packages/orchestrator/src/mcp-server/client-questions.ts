import type { PendingCall, PendingCalls, Question } from "./pending-call.ts";

/** Asks whoever sits in front of an MCP client, on behalf of a call that it has made. Given to `serveTools`, which makes it work. */
export class ClientQuestions implements PendingCalls {
  readonly #calls = new Map<string, PendingCall>();
  #canAsk = false;

  /** Whether the client says that it can ask its user, as of its latest message. */
  get canAsk(): boolean {
    return this.#canAsk;
  }

  /**
   * @param callId - Of the call: `ToolCall.callId`.
   * @returns What was chosen; undefined: nothing.
   * @throws Error - The client can not be asked, or there is no such call. @throws The reason of `signal`.
   */
  async ask(callId: string, question: Question, signal: AbortSignal): Promise<string | undefined> {
    const call = this.#calls.get(callId);
    if (call === undefined || !this.#canAsk) throw new Error("the MCP client can not ask its user");
    return await call.ask(question, signal);
  }

  /** For `serveTools`. */
  hear(canAsk: boolean): void {
    this.#canAsk = canAsk;
  }

  /** For `serveTools`. */
  begin(call: PendingCall): void {
    this.#calls.set(call.id, call);
  }

  /** For `serveTools`. */
  end(call: PendingCall): void {
    this.#calls.delete(call.id);
  }

  /** For `serveTools`. */
  find(callId: string): PendingCall | undefined {
    return this.#calls.get(callId);
  }

  /** Calls that are not done. */
  get size(): number {
    return this.#calls.size;
  }
}
