import type { Clock, Timer } from "../clock.ts";

/** What a heartbeat watches. */
export interface HeartbeatTarget {
  ping(): void;
  /** Bytes that have come in so far. */
  bytesRead(): number;
  /** Bytes still queued here, and bytes the operating system has taken so far. */
  queuedBytes(): number;
  bytesFlushed(): number;
  /** False while this side does not read: then silence says nothing about the peer. */
  reading(): boolean;
  dead(reason: string): void;
}

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  /** No limit when absent: pings go out and nobody waits for pongs. */
  readonly pongTimeoutMs: number | undefined;
}

/** A process that stood still finds its timers due before it has read what came meanwhile: it looks once more after this. */
const LAST_LOOK_MS = 50;

interface Signs {
  readonly bytesRead: number;
  readonly bytesFlushed: number;
}

/**
 * Pings at an interval and, if asked to, declares the peer dead when nothing at all is heard for long after one.
 *
 * Any byte is a sign of life, and so is a queue that shrinks: a pong may wait behind megabytes on a slow line.
 */
export class Heartbeat {
  readonly #target: HeartbeatTarget;
  readonly #options: HeartbeatOptions;
  #pingTimer: Timer | undefined;
  #pongTimer: Timer | undefined;
  #heardBefore = 0;

  constructor(target: HeartbeatTarget, options: HeartbeatOptions) {
    this.#target = target;
    this.#options = options;
  }

  start(): void {
    this.#pingTimer = this.#options.clock.after(this.#options.pingIntervalMs, () => this.#beat());
  }

  stop(): void {
    this.#pingTimer?.cancel();
    this.#pongTimer?.cancel();
  }

  #beat(): void {
    this.start();
    const signs = this.#signs();
    this.#target.ping();
    // Heard of since: silence is measured from this ping on, so that it never lasts much longer than the limit.
    if (this.#pongTimer !== undefined && signs.bytesRead === this.#heardBefore) return;
    this.#pongTimer?.cancel();
    this.#expect(signs);
  }

  #expect(before: Signs): void {
    const { pongTimeoutMs } = this.#options;
    if (pongTimeoutMs === undefined) return;
    this.#heardBefore = before.bytesRead;
    this.#lookAfter(pongTimeoutMs, before, () =>
      this.#lookAfter(LAST_LOOK_MS, before, () =>
        this.#target.dead(`peer did not answer a ping within ${pongTimeoutMs} ms`),
      ),
    );
  }

  #lookAfter(delayMs: number, before: Signs, silent: () => void): void {
    this.#pongTimer = this.#options.clock.after(delayMs, () => {
      this.#pongTimer = undefined;
      const now = this.#signs();
      if (now.bytesRead !== before.bytesRead) return;
      if (this.#maySimplyBeSlow(before, now)) this.#expect(now);
      else silent();
    });
  }

  #maySimplyBeSlow(before: Signs, now: Signs): boolean {
    if (this.#target.queuedBytes() > 0) return now.bytesFlushed !== before.bytesFlushed;
    return !this.#target.reading();
  }

  #signs(): Signs {
    return { bytesRead: this.#target.bytesRead(), bytesFlushed: this.#target.bytesFlushed() };
  }
}
