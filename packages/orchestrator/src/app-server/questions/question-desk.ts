import type { ServerRequests } from "@holdfast/app-server-protocol";
import type { HostClient, QuestionName } from "../host-client.ts";
import { OPEN_QUESTIONS_MAX } from "../limits.ts";
import { OpenQuestion } from "./open-question.ts";

/** Who is asked about a thread. */
export interface Audience {
  readonly threadId: string;
  /** Its subscribers, at the time. There may be none: a question waits for one. */
  clients(): readonly HostClient[];
}

interface Entry {
  readonly audience: Audience;
  readonly question: { ask(client: HostClient): void };
}

/**
 * What is asked of clients. One counter numbers the questions of a server, so that all clients of a thread have the same one under the same id,
 * and one that comes later, too.
 */
export class QuestionDesk {
  readonly #open = new Map<number, Entry>();
  #nextId = 0;

  /** Questions without an answer. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Ask every subscriber of a thread. The first answer counts, and all subscribers are told that there is one (`serverRequest/resolved`) before
   * this resolves.
   *
   * @param signal - Withdraws the question; subscribers are told so.
   * @throws The reason of `signal`.
   * @throws RemoteError - All who were asked refuse to answer. `code` and `message` are of the first.
   * @throws InvalidMessageError - The same, and the first has answered what is no answer.
   */
  async ask<Name extends QuestionName>(
    name: Name,
    params: ServerRequests[Name]["params"],
    audience: Audience,
    signal: AbortSignal,
  ): Promise<ServerRequests[Name]["result"]> {
    signal.throwIfAborted();
    if (this.#open.size >= OPEN_QUESTIONS_MAX) {
      throw new Error(`${OPEN_QUESTIONS_MAX} questions wait for an answer already; ${name} was not asked`);
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const question = new OpenQuestion({ id, name, params });
    this.#open.set(id, { audience, question });
    const withdraw = (): void => question.withdraw(signal.reason);
    signal.addEventListener("abort", withdraw, { once: true });
    for (const client of audience.clients()) question.ask(client);
    try {
      return await question.answer;
    } finally {
      signal.removeEventListener("abort", withdraw);
      this.#open.delete(id);
      for (const client of audience.clients()) {
        client.notify("serverRequest/resolved", { threadId: audience.threadId, requestId: id });
      }
    }
  }

  /** Ask a client what waits for an answer about a thread, in the order in which it was asked: it has just come to it. */
  askAgain(threadId: string, client: HostClient): void {
    for (const { audience, question } of this.#open.values()) {
      if (audience.threadId === threadId) question.ask(client);
    }
  }
}
