import { connect, type Socket } from "node:net";
import type { Transform } from "node:stream";
import type { Direction } from "./direction.ts";
import { resetSocket } from "./reset-socket.ts";
import { Gate } from "./stall.ts";

/** What bytes of one direction go through, in this order, before they reach the gate. */
export type MakeStages = (direction: Direction) => readonly Transform[];

/** One connection through a bad line: two sockets, and the stages between them. */
export class RelayedConnection {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #gates: readonly Gate[];
  readonly #stages: Transform[] = [];
  #state: "flowing" | "stalled" | "gone" = "flowing";
  #untold: (() => void)[] = [];
  readonly #onGone: (connection: RelayedConnection) => void;

  constructor(near: Socket, target: URL, makeStages: MakeStages, onGone: (connection: RelayedConnection) => void) {
    this.#near = near;
    this.#onGone = onGone;
    this.#far = connect({ port: Number(target.port), host: hostOf(target), allowHalfOpen: true });
    this.#gates = [
      this.#join(this.#near, this.#far, makeStages("up")),
      this.#join(this.#far, this.#near, makeStages("down")),
    ];
  }

  /** Both ends get a reset, as from a machine whose process was killed. */
  cut(): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    for (const stage of [...this.#stages, ...this.#gates]) stage.destroy();
    resetSocket(this.#near);
    // A socket that is still connecting can not be reset.
    if (this.#far.connecting) this.#far.destroy();
    else resetSocket(this.#far);
    this.#onGone(this);
  }

  /** Nothing passes, not even that the other end is gone. */
  stall(): void {
    if (this.#state !== "flowing") return;
    this.#state = "stalled";
    for (const gate of this.#gates) gate.shut();
  }

  /** What was held back passes now. */
  resume(): void {
    if (this.#state !== "stalled") return;
    this.#state = "flowing";
    for (const gate of this.#gates) gate.open();
    const untold = this.#untold;
    this.#untold = [];
    for (const tell of untold) tell();
  }

  #join(from: Socket, to: Socket, stages: readonly Transform[]): Gate {
    const gate = new Gate();
    from.setNoDelay(true);
    let last: NodeJS.ReadableStream = from;
    for (const stage of [...stages, gate]) last = last.pipe(stage);
    last.pipe(to);
    this.#stages.push(...stages);
    from.on("error", () => {});
    from.on("close", () => this.#whenFlowing(() => this.#closed(from, to)));
    return gate;
  }

  /** A clean end passes through the stages by itself; everything else is told by a reset. */
  #closed(from: Socket, to: Socket): void {
    if (!from.readableEnded || to.destroyed) this.cut();
  }

  #whenFlowing(tell: () => void): void {
    if (this.#state === "stalled") this.#untold.push(tell);
    else tell();
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
