import { LISTENERS_MAX } from "@holdfast/exec-server-protocol";
import {
  ConnectionListener,
  type ConnectionListenerOptions,
  type HandedListener,
  isSamePlace,
  type ListenPlace,
} from "../listeners/index.ts";
import { RegistrationFault } from "../process/index.ts";

interface Registered {
  readonly place: ListenPlace;
  readonly opened: Promise<ConnectionListener>;
  /** Once it listens. */
  listener: ConnectionListener | undefined;
}

/** A listener of a session that another program goes on with. */
export interface HandedNamedListener extends HandedListener {
  readonly id: string;
  /** As it was asked for: port 0 is any that is free. */
  readonly asked: ListenPlace;
}

/** Where a session listens on this machine. While nobody has the session, what connects waits. */
export class Listeners {
  readonly #options: ConnectionListenerOptions;
  readonly #registered = new Map<string, Registered>();
  #state: "open" | "ended" = "open";

  constructor(options: ConnectionListenerOptions) {
    this.#options = options;
  }

  /** Whether one is about to listen. */
  get isOpening(): boolean {
    return [...this.#registered.values()].some(({ listener }) => listener === undefined);
  }

  has(id: string): boolean {
    return this.#registered.has(id);
  }

  /**
   * Listen. One of that id and place that is there already is what is wanted.
   *
   * @throws RegistrationFault for one more than a session may have, or another one with its id. @throws ListenFault
   */
  async listen(id: string, place: ListenPlace): Promise<ConnectionListener> {
    const known = this.#registered.get(id);
    if (known !== undefined) {
      if (!isSamePlace(known.place, place)) throw new RegistrationFault(`listener ${id} listens somewhere else`);
      return await known.opened;
    }
    if (this.#state === "ended") throw new RegistrationFault("the session has ended");
    if (this.#registered.size >= LISTENERS_MAX) {
      throw new RegistrationFault(`at most ${LISTENERS_MAX} listeners may be open in one session`);
    }
    const opened = ConnectionListener.open(place, this.#options);
    const registered: Registered = { place, opened, listener: undefined };
    this.#registered.set(id, registered);
    try {
      const listener = await opened;
      registered.listener = listener;
      if (this.#registered.get(id) === registered) return listener;
      listener.close();
      throw new RegistrationFault(`listener ${id} was closed before it listened`);
    } catch (thrown) {
      if (this.#registered.get(id) === registered) this.#registered.delete(id);
      throw thrown;
    }
  }

  /** @throws RegistrationFault when there is none. */
  known(id: string): ConnectionListener {
    const listener = this.#registered.get(id)?.listener;
    if (listener === undefined) throw new RegistrationFault(`unknown listener id ${id}`);
    return listener;
  }

  /** One that there is not is fine. */
  close(id: string): void {
    this.#registered.get(id)?.listener?.close();
    this.#registered.delete(id);
  }

  /** There may be room for another connection. */
  serve(): void {
    for (const { listener } of this.#registered.values()) listener?.serve();
  }

  /** Nobody is there to take a connection. */
  release(): void {
    for (const { listener } of this.#registered.values()) listener?.release();
  }

  /** For the next program. */
  handOver(): readonly HandedNamedListener[] {
    return [...this.#registered].flatMap(([id, { place, listener }]) => {
      const handed = listener?.handOver();
      return handed === undefined ? [] : [{ ...handed, id, asked: place }];
    });
  }

  /** Go on with those of another program. */
  adopt(handed: readonly HandedNamedListener[]): void {
    for (const each of handed) {
      const listener = ConnectionListener.adopt(each, this.#options);
      this.#registered.set(each.id, { place: each.asked, opened: Promise.resolve(listener), listener });
    }
  }

  /** Idempotent. */
  end(): void {
    this.#state = "ended";
    for (const id of [...this.#registered.keys()]) this.close(id);
  }
}
