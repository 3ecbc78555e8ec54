import type { ThreadItem } from "@holdfast/app-server-protocol";
import type { TurnPort } from "./turn-port.ts";

/** Tells of the items of a turn, with their times. */
export class TurnItems {
  readonly #port: TurnPort;
  readonly #startedAt = new Map<string, number>();

  constructor(port: TurnPort) {
    this.#port = port;
  }

  /** Once for each: it is the same item the next time. */
  start(item: ThreadItem): void {
    if (this.#startedAt.has(item.id)) return;
    const startedAtMs = Date.now();
    this.#startedAt.set(item.id, startedAtMs);
    this.#port.emit("item/started", { item: { ...item, startedAtMs, completedAtMs: null }, startedAtMs });
  }

  isOpen(id: string): boolean {
    return this.#startedAt.has(id);
  }

  /** One that was not started is, first. */
  complete(item: ThreadItem): void {
    this.start(item);
    const startedAtMs = this.#startedAt.get(item.id) ?? null;
    this.#startedAt.delete(item.id);
    const completedAtMs = Date.now();
    this.#port.emit("item/completed", { item: { ...item, startedAtMs, completedAtMs }, completedAtMs });
  }
}
