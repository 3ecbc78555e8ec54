import type { Authorization, Authorizations } from "../ports.ts";
import type { Bucket } from "./bucket.ts";
import { digestOf, readAuthorization, writeAuthorization } from "./stored-values.ts";

/** Revision of a key that nobody has written. */
const NEVER_WRITTEN = 0;

/**
 * Authorizations in a bucket of JetStream. Whoever writes the mark beside one has it: a write to a key that must not be there is decided where all
 * copies agree. A write that names the revision it replaces is not, in a cluster of 2.9: there several succeed at once. When an authorization
 * ends is in its value, because servers before 2.11 ignore an age of single keys; the bucket's age removes both, the mark after what it marks.
 */
export class NatsAuthorizations implements Authorizations {
  readonly #bucket: Bucket;
  readonly #now: () => number;

  /** @param now - Unix milliseconds. */
  constructor(bucket: Bucket, now: () => number) {
    this.#bucket = bucket;
    this.#now = now;
  }

  async issue(digest: string, authorization: Authorization): Promise<void> {
    await this.#bucket.put(`issued.${digestOf(digest)}`, writeAuthorization(authorization));
  }

  async consume(digest: string): Promise<Authorization | undefined> {
    const key = digestOf(digest);
    const { value } = await this.#bucket.get(`issued.${key}`);
    if (value === undefined) return undefined;
    const isMine = await this.#bucket.write(`used.${key}`, "", NEVER_WRITTEN);
    if (!isMine) return undefined;
    const authorization = readAuthorization(value);
    return this.#now() < authorization.expiresAt ? authorization : undefined;
  }
}
