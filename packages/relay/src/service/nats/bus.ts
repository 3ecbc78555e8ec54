import { randomBytes } from "node:crypto";
import type { Clock } from "@holdfast/rpc";
import { errors, type Msg, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import { NATS_LIMITS } from "./limits.ts";
import { StoreUnavailable } from "./unavailable.ts";

/** What a node answers when it is asked, or `undefined` for no answer. */
export type Answerer = (payload: Uint8Array) => string | undefined;

export interface BusEvents {
  /** A message of a stream of this node. */
  message(token: string, payload: Uint8Array): void;
  /** What all nodes are told. */
  announcement(payload: Uint8Array): void;
  /** The server is gone, and with it what was on the way. */
  lost(): void;
  /** There is a server again, and this node has a new name. */
  found(): void;
}

export interface BusOptions {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  /** What went wrong and is being mended, for whoever runs the relay. */
  readonly problem: (text: string) => void;
}

const PREFIX = "holdfast.relay";
const NAME_BYTES = 12;
const OK = "ok";

/**
 * One node's connection to the servers. The node's name lasts as long as one connection does: what is sent to the name from before reaches nobody, and
 * whoever asks for it learns at once that it is gone.
 */
export class Bus {
  readonly #connection: NatsConnection;
  readonly #events: BusEvents;
  readonly #clock: Clock;
  readonly #problem: (text: string) => void;
  #node = "";
  #isOnline = true;
  #isClosed = false;
  #ownSubscriptions: readonly Subscription[] = [];

  constructor({ connection, clock, problem }: BusOptions, events: BusEvents) {
    this.#clock = clock;
    this.#connection = connection;
    this.#events = events;
    this.#problem = problem;
    connection.subscribe(`${PREFIX}.attached`, { callback: (_, message) => events.announcement(message.data) });
    this.#takeName();
    void this.#watch();
  }

  /** The name of this node now. */
  get node(): string {
    return this.#node;
  }

  get isOnline(): boolean {
    return this.#isOnline && !this.#isClosed;
  }

  /** Answer what is asked about something, until the subscription ends. */
  answer(about: string, answerer: Answerer): Disposable {
    const subscription = this.#connection.subscribe(`${PREFIX}.executor.${about}`, {
      callback: (error, message) => {
        if (error === null) respond(message, answerer(message.data));
      },
    });
    return { [Symbol.dispose]: () => this.#unsubscribe(subscription) };
  }

  /**
   * Ask whichever node answers about something.
   *
   * @returns nothing where none does, known at once.
   * @throws StoreUnavailable it can't be known.
   */
  async ask(about: string, payload: string): Promise<Uint8Array | undefined> {
    return await this.#request(`${PREFIX}.executor.${about}`, payload, NATS_LIMITS.openTimeoutMs);
  }

  /** @returns false where the node is gone. @throws StoreUnavailable it does not say. */
  async isThere(node: string): Promise<boolean> {
    return (await this.#request(`${PREFIX}.beat.${node}`, "", NATS_LIMITS.beatTimeoutMs)) !== undefined;
  }

  /** A message of a stream to the half on another node. Nothing tells whether it arrives. */
  send(node: string, token: string, payload: Uint8Array): void {
    this.#publish(`${PREFIX}.node.${node}.${token}`, payload);
  }

  announce(payload: string): void {
    this.#publish(`${PREFIX}.attached`, payload);
  }

  /** Everything said before is known to the server. @throws StoreUnavailable the server is gone. */
  async settled(): Promise<void> {
    if (!this.isOnline) throw new StoreUnavailable("no NATS server can be reached");
    try {
      await this.#flushed();
    } catch (error) {
      throw new StoreUnavailable("no NATS server can be reached", { cause: error });
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    try {
      // What was said last has to go out before.
      if (this.#isOnline) await this.#flushed();
    } catch {
      // There is nobody to say it to.
    }
    this.#isClosed = true;
    await this.#connection.close();
  }

  #publish(subject: string, payload: Uint8Array | string): void {
    if (!this.isOnline) return;
    try {
      this.#connection.publish(subject, payload);
    } catch (error) {
      // It is lost, as others may be on the way: whoever counts finds out.
      this.#problem(`NATS: ${(error as Error).message}`);
    }
  }

  /** A server that is stopped where it is answers no more, and its connection stays for a while. */
  async #flushed(): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = this.#clock.after(NATS_LIMITS.flushTimeoutMs, () => reject(new Error("the server does not answer")));
    const flushed = this.#connection.flush();
    // It may fail after nobody waits for it any more.
    flushed.catch(() => {});
    try {
      await Promise.race([flushed, late]);
    } finally {
      timer.cancel();
    }
  }

  async #request(subject: string, payload: string, timeout: number): Promise<Uint8Array | undefined> {
    if (!this.isOnline) throw new StoreUnavailable("no NATS server can be reached");
    try {
      return (await this.#connection.request(subject, payload, { timeout })).data;
    } catch (error) {
      if (isNobodyThere(error)) return undefined;
      throw new StoreUnavailable("no node of the relay answers", { cause: error });
    }
  }

  #takeName(): void {
    for (const subscription of this.#ownSubscriptions) this.#unsubscribe(subscription);
    const node = randomBytes(NAME_BYTES).toString("hex");
    const start = `${PREFIX}.node.${node}.`;
    this.#node = node;
    this.#ownSubscriptions = [
      this.#connection.subscribe(`${start}*`, {
        callback: (error, message) => {
          if (error === null) this.#events.message(message.subject.slice(start.length), message.data);
        },
      }),
      this.#connection.subscribe(`${PREFIX}.beat.${node}`, { callback: (_, message) => respond(message, OK) }),
    ];
  }

  #unsubscribe(subscription: Subscription): void {
    if (!this.#connection.isClosed() && !subscription.isClosed()) subscription.unsubscribe();
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "disconnect" || status.type === "staleConnection" || status.type === "close") this.#lost();
      else if (status.type === "reconnect") this.#found();
      else if (status.type === "error") this.#problem(`NATS: ${status.error.message}`);
    }
    this.#lost();
  }

  #lost(): void {
    if (!this.#isOnline) return;
    this.#isOnline = false;
    if (!this.#isClosed) this.#problem("NATS: the server is gone");
    this.#events.lost();
  }

  #found(): void {
    if (this.#isOnline || this.#isClosed) return;
    this.#takeName();
    this.#isOnline = true;
    this.#problem("NATS: there is a server again");
    this.#events.found();
  }
}

function respond(message: Msg, answer: string | undefined): void {
  if (answer !== undefined && message.reply !== undefined && message.reply !== "") message.respond(answer);
}

function isNobodyThere(error: unknown): boolean {
  return (
    error instanceof errors.NoRespondersError ||
    (error instanceof errors.RequestError && error.isNoResponders()) ||
    (error instanceof Error && error.cause instanceof errors.NoRespondersError)
  );
}
