/** What may be had at once, and how much of it comes back. */
export interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  left: number;
  /** Milliseconds of the clock. */
  at: number;
}

const MS_PER_S = 1_000;

/** Counts calls by what makes them. It has a bounded number of counters: who was quiet for longest loses its own, and begins anew. */
export class RateLimit {
  readonly #allowance: Allowance;
  readonly #maxCounted: number;
  readonly #now: () => number;
  /** The one that was asked for last is last. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param now - Milliseconds that only grow. */
  constructor(allowance: Allowance, maxCounted: number, now: () => number) {
    this.#allowance = allowance;
    this.#maxCounted = maxCounted;
    this.#now = now;
  }

  /** Whether one more is allowed, which is counted then. */
  take(key: string): boolean {
    const { burst, perSecond } = this.#allowance;
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { left: burst, at: now };
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) * perSecond) / MS_PER_S);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#maxCounted) this.#dropOldest();
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }

  #dropOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}

/** An address as it is counted: all of an IPv6 network that one customer has is one. */
export function countedAddress(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = [...groups, ...Array.from({ length: Math.max(0, missing) }, () => "0"), ...(tail ?? "").split(":")];
  return `${all.slice(0, 4).join(":")}::/64`;
}
