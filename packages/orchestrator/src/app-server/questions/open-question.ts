import { InvalidMessageError, type ServerRequests } from "@holdfast/app-server-protocol";
import { readAnswer } from "@holdfast/app-server-protocol/server";
import { isLinkError } from "@holdfast/rpc";
import type { HostClient, QuestionName } from "../host-client.ts";

/** What is asked. */
export interface QuestionText<Name extends QuestionName> {
  /** The same for every client. */
  readonly id: number;
  readonly name: Name;
  readonly params: ServerRequests[Name]["params"];
}

/**
 * One question that several clients have. The first answer that can be read counts. A client that refuses has not answered while there is another
 * one left to do so: it may not be able to. One whose connection is gone has said nothing at all, and the question waits for who comes.
 */
export class OpenQuestion<Name extends QuestionName> {
  readonly answer: Promise<ServerRequests[Name]["result"]>;
  readonly #text: QuestionText<Name>;
  readonly #resolve: (answer: ServerRequests[Name]["result"]) => void;
  readonly #reject: (reason: unknown) => void;
  /** Those who have it, each with what ends the wait for its answer. */
  readonly #asked = new Map<HostClient, AbortController>();
  #refusal: { readonly reason: unknown } | undefined;

  constructor(text: QuestionText<Name>) {
    this.#text = text;
    const { promise, resolve, reject } = Promise.withResolvers<ServerRequests[Name]["result"]>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ask a client, under the same id again where it has the question already. */
  ask(client: HostClient): void {
    this.#asked.get(client)?.abort();
    const wait = new AbortController();
    this.#asked.set(client, wait);
    const { id, name, params } = this.#text;
    client.ask(id, name, params, wait.signal).then(
      (result) => this.#heard(client, wait, result),
      (error: unknown) => this.#unanswered(client, wait, error),
    );
  }

  /** Nobody has to answer any more. */
  withdraw(reason: unknown): void {
    this.#reject(reason);
    this.#forgetAll();
  }

  #heard(client: HostClient, wait: AbortController, result: unknown): void {
    if (this.#asked.get(client) !== wait) return;
    const { name } = this.#text;
    const answer = readAnswer(name, result);
    if (!answer.ok) {
      this.#unanswered(client, wait, new InvalidMessageError(name, "result", answer));
      return;
    }
    this.#resolve(answer.value);
    this.#forgetAll();
  }

  #unanswered(client: HostClient, wait: AbortController, reason: unknown): void {
    if (this.#asked.get(client) !== wait) return;
    this.#asked.delete(client);
    if (!isLinkError(reason)) this.#refusal ??= { reason };
    if (this.#asked.size === 0 && this.#refusal !== undefined) this.#reject(this.#refusal.reason);
  }

  #forgetAll(): void {
    const waits = [...this.#asked.values()];
    this.#asked.clear();
    for (const wait of waits) wait.abort();
  }
}
