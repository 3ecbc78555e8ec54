import type { SocketTotals } from "./audit.ts";
import type { Count, Metrics } from "./metrics.ts";
import type { SocketRole } from "./signed-url.ts";

/** What one socket carries, counted for itself and for all of its kind. */
export class Traffic implements SocketTotals {
  readonly openedAt: number;
  readonly role: SocketRole;
  bytesIn = 0;
  bytesOut = 0;
  readonly #metrics: Metrics;
  readonly #frames: Count;
  readonly #bytes: Count;

  /** @param now - Milliseconds that only grow. */
  constructor(role: SocketRole, metrics: Metrics, now: number) {
    this.role = role;
    this.openedAt = now;
    this.#metrics = metrics;
    this.#frames = metrics.count("frames_total", `from="${role}"`);
    this.#bytes = metrics.count("bytes_total", `from="${role}"`);
  }

  received(bytes: number): void {
    this.bytesIn += bytes;
    this.#frames.value += 1;
    this.#bytes.value += bytes;
  }

  sent(bytes: number): void {
    this.bytesOut += bytes;
  }

  dropped(reason: "unreadable" | "no_stream"): void {
    this.#metrics.add("frames_dropped_total", `reason="${reason}"`);
  }

  held(): void {
    this.#metrics.add("holds_total", `for="${this.role}"`);
  }

  streamEnded(reason: "executor_full" | "harness_full" | "no_handshake"): void {
    this.#metrics.add("streams_ended_total", `reason="${reason}"`);
  }
}
