import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { ACCEPTS_MAX, LISTENER_WAITING_MAX } from "@holdfast/exec-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { bindSocketFile, foundSocketFile, type SocketFile } from "@holdfast/rpc/unix-socket";
import { listeningDescriptor } from "../platform/stream-descriptor.ts";
import { adoptIncoming, type HandedIncoming, type Incoming, incomingOf, type Origin } from "./incoming.ts";
import { ListenFault } from "./listen-fault.ts";
import type { ListenPlace } from "./listen-place.ts";

export interface ConnectionListenerOptions {
  readonly clock: Clock;
  /** Whether another connection may be taken now. */
  readonly hasRoom: () => boolean;
}

/** A listener that another program goes on with. */
export interface HandedListener {
  readonly fd: number;
  readonly place: ListenPlace;
  readonly waiting: readonly HandedIncoming[];
}

/** One that waits for a connection. */
interface PendingAccept {
  /** @returns false when it is not wanted after all. */
  give(incoming: Incoming): boolean;
  /** There is none for now. */
  release(): void;
}

/** The connections that somebody makes to one place of this machine, in the order in which they came. */
export class ConnectionListener {
  readonly place: ListenPlace;
  readonly #server: Server;
  readonly #options: ConnectionListenerOptions;
  readonly #waiting: Incoming[];
  /** The longest waiting first. */
  readonly #pending = new Set<PendingAccept>();
  #file: SocketFile | undefined;
  #state: "open" | "closed" = "open";

  private constructor(place: ListenPlace, options: ConnectionListenerOptions, waiting: readonly Incoming[] = []) {
    this.place = place;
    this.#options = options;
    this.#waiting = [...waiting];
    const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true };
    this.#server = createServer(socketOptions, (socket) => this.#came(socket));
    // One could not be taken: too many files are open here. Whoever connected sees its end.
    this.#server.on("error", () => {});
  }

  /** @throws ListenFault */
  static async open(place: ListenPlace, options: ConnectionListenerOptions): Promise<ConnectionListener> {
    const listener = new ConnectionListener(place, options);
    try {
      if (place.kind === "unix") listener.#file = await bindSocketFile(listener.#server, place.path, options.clock);
      else await listening(listener.#server.listen(place.port, place.host));
      return listener;
    } catch (thrown) {
      listener.#server.close();
      throw new ListenFault(place, thrown);
    }
  }

  /** Go on with one of another program in this very process. */
  static adopt({ fd, place, waiting }: HandedListener, options: ConnectionListenerOptions): ConnectionListener {
    const listener = new ConnectionListener(place, options, waiting.map(adoptIncoming));
    listener.#server.listen({ fd });
    if (place.kind === "unix") listener.#file = foundSocketFile(place.path);
    return listener;
  }

  /** Address and port that it listens on; undefined for a unix socket. */
  get bound(): Origin | undefined {
    const address = this.#server.address();
    return address === null || typeof address === "string" ? undefined : { host: address.address, port: address.port };
  }

  /**
   * Wait for a connection.
   *
   * @param take - Called with it, in the turn in which it is given. What it throws is the answer, and the connection another one's.
   * @returns what `take` returned; undefined when none came in time, or it was told to wait no longer.
   */
  accept<T>(take: (incoming: Incoming) => T, waitMs: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(waitMs, () => pending.release());
      const isSettled = (): boolean => {
        timer.cancel();
        return !this.#pending.delete(pending);
      };
      const pending: PendingAccept = {
        give: (incoming) => {
          if (isSettled()) return false;
          try {
            resolve(take(incoming));
            return true;
          } catch (thrown) {
            reject(thrown);
            return false;
          }
        },
        release: () => {
          if (!isSettled()) resolve(undefined);
        },
      };
      this.#pending.add(pending);
      this.serve();
      if (waitMs <= 0 || this.#state === "closed") pending.release();
      else this.#bound();
    });
  }

  /** Give what waits to who waits for it. To be called when there may be room again. */
  serve(): void {
    while (this.#waiting.length > 0 && this.#pending.size > 0 && this.#options.hasRoom()) {
      const [pending] = this.#pending;
      const [incoming] = this.#waiting;
      if (pending === undefined || incoming === undefined) return;
      if (pending.give(incoming)) this.#waiting.shift();
    }
  }

  /** Nobody waits for a connection any more. */
  release(): void {
    for (const pending of [...this.#pending]) pending.release();
  }

  /** Idempotent. Connections that were given go on. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#file?.remove();
    this.#server.close();
    this.release();
    for (const incoming of this.#waiting.splice(0)) incoming.refuse();
  }

  /** For the next program; undefined when it is closed. */
  handOver(): HandedListener | undefined {
    const fd = listeningDescriptor(this.#server);
    if (fd === undefined) return undefined;
    return { fd, place: this.place, waiting: this.#waiting.flatMap((incoming) => incoming.handOver() ?? []) };
  }

  #came(socket: Socket): void {
    const incoming = incomingOf(socket, (gone) => {
      const index = this.#waiting.indexOf(gone);
      if (index !== -1) this.#waiting.splice(index, 1);
    });
    if (this.#state === "closed" || this.#waiting.length >= LISTENER_WAITING_MAX) {
      incoming.refuse();
      return;
    }
    this.#waiting.push(incoming);
    this.serve();
  }

  #bound(): void {
    if (this.#pending.size <= ACCEPTS_MAX) return;
    const [oldest] = this.#pending;
    oldest?.release();
  }
}

/** The descriptors that go along under their numbers. */
export function listenerDescriptors({ fd, waiting }: HandedListener): readonly number[] {
  return [fd, ...waiting.map((incoming) => incoming.fd)];
}

async function listening(server: Server): Promise<void> {
  await once(server, "listening");
}
