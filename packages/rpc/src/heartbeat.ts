import type { Clock, Timer } from "./clock.ts";

/** What a heartbeat watches. */
export interface HeartbeatTarget {
  ping(): void;
  /** Bytes that have come in so far. */
  bytesRead(): number;
  /** Bytes still queued here. */
  queuedBytes(): number;
  /** Changes whenever the operating system has taken some of them. */
  writeProgress(): number;
  /** False while this side does not read: then silence says nothing about the peer. */
  reading(): boolean;
  dead(reason: string): void;
}

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  /** How long nothing at all may be received. No limit when absent: pings go out, and pongs are not waited for. */
  readonly pongTimeoutMs: number | undefined;
}

/** A process that stood still finds its timers due before it has read what came meanwhile: it looks once more after this. */
const LAST_LOOK_MS = 50;

/** How often to look for signs of life within the time that silence may last. */
const LOOKS = 15;

interface Signs {
  readonly bytesRead: number;
  readonly writeProgress: number;
}

/**
 * Pings at an interval and, if asked to, declares the peer dead when nothing at all was received for long, a ping
 * notwithstanding.
 *
 * Any byte is a sign of life, and so is a queue that shrinks: a pong may wait behind megabytes on a slow line. Silence is
 * counted in looks and not read off the clock: a process that stood still has looked only once meanwhile, and the peer may
 * have been waiting for it.
 */
export class Heartbeat {
  readonly #target: HeartbeatTarget;
  readonly #options: HeartbeatOptions;
  #pingTimer: Timer | undefined;
  #lookTimer: Timer | undefined;
  #lastSigns: Signs = { bytesRead: 0, writeProgress: 0 };
  /** Looks without a sign of life, in all, and since the first ping among them. */
  #silentLooks = 0;
  #looksSincePing: number | undefined;

  constructor(target: HeartbeatTarget, options: HeartbeatOptions) {
    this.#target = target;
    this.#options = options;
  }

  start(): void {
    this.#lastSigns = this.#signs();
    this.#beatLater();
    if (this.#options.pongTimeoutMs !== undefined) this.#lookLater(this.#options.pongTimeoutMs);
  }

  stop(): void {
    this.#pingTimer?.cancel();
    this.#lookTimer?.cancel();
  }

  #beatLater(): void {
    this.#pingTimer = this.#options.clock.after(this.#options.pingIntervalMs, () => {
      this.#beatLater();
      this.#looksSincePing ??= 0;
      this.#target.ping();
    });
  }

  #lookLater(pongTimeoutMs: number): void {
    this.#lookTimer = this.#options.clock.after(pongTimeoutMs / LOOKS, () => {
      if (this.#heard() || !this.#isSilentForLong(pongTimeoutMs)) this.#lookLater(pongTimeoutMs);
      else this.#lookOnceMore(pongTimeoutMs);
    });
  }

  #lookOnceMore(pongTimeoutMs: number): void {
    this.#lookTimer = this.#options.clock.after(LAST_LOOK_MS, () => {
      if (this.#heard()) this.#lookLater(pongTimeoutMs);
      else this.#target.dead(`nothing was heard from the peer for ${pongTimeoutMs} ms`);
    });
  }

  #isSilentForLong(pongTimeoutMs: number): boolean {
    this.#silentLooks += 1;
    if (this.#looksSincePing === undefined) return false;
    this.#looksSincePing += 1;
    // The ping that fell into the silence leaves this much of it for the answer.
    const { pingIntervalMs } = this.#options;
    const answerMs = pingIntervalMs < pongTimeoutMs ? pongTimeoutMs - pingIntervalMs : pongTimeoutMs;
    return this.#silentLooks >= LOOKS && this.#looksSincePing > (answerMs / pongTimeoutMs) * LOOKS;
  }

  /** Whether the peer has shown that it is alive since the last look. */
  #heard(): boolean {
    const before = this.#lastSigns;
    const now = this.#signs();
    const isAlive = now.bytesRead !== before.bytesRead || this.#maySimplyBeSlow(before, now);
    this.#lastSigns = now;
    if (!isAlive) return false;
    this.#silentLooks = 0;
    this.#looksSincePing = undefined;
    return true;
  }

  #maySimplyBeSlow(before: Signs, now: Signs): boolean {
    if (this.#target.queuedBytes() > 0) return now.writeProgress !== before.writeProgress;
    return !this.#target.reading();
  }

  #signs(): Signs {
    return { bytesRead: this.#target.bytesRead(), writeProgress: this.#target.writeProgress() };
  }
}
