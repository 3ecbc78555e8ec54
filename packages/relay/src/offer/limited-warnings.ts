import type { Clock } from "@holdfast/rpc";
import { OFFER_LIMITS } from "./limits.ts";
import type { OfferLog, OfferLogFields } from "./offer-log.ts";

const MINUTE_MS = 60_000;

interface Span {
  readonly beganAt: number;
  lines: number;
  dropped: number;
}

/** Warnings that the frames of others cause: so many of each kind in a minute, so that nobody fills a disk with them. */
export class LimitedWarnings {
  readonly #log: OfferLog;
  readonly #clock: Clock;
  readonly #spans = new Map<string, Span>();

  constructor(log: OfferLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @param kind - One of few, as there is a count for each. */
  warn(kind: string, message: string, fields?: OfferLogFields): void {
    const span = this.#spanOf(kind);
    if (span.lines >= OFFER_LIMITS.maxLinesPerMinute) {
      span.dropped += 1;
      return;
    }
    span.lines += 1;
    this.#log.warn(message, fields);
  }

  #spanOf(kind: string): Span {
    const now = this.#clock.now();
    const last = this.#spans.get(kind);
    if (last !== undefined && now - last.beganAt < MINUTE_MS) return last;
    const span = { beganAt: now, lines: 0, dropped: 0 };
    this.#spans.set(kind, span);
    if (last !== undefined && last.dropped > 0) {
      this.#log.warn("records about a relay were left out: they came too fast", { kind, count: last.dropped });
    }
    return span;
  }
}
