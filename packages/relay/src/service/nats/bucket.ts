import { JetStreamApiError, type JetStreamManager, jetstream, type StreamConfig } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { NATS_LIMITS } from "./limits.ts";
import { StoreUnavailable } from "./unavailable.ts";

/** Codes of errors of JetStream's API: the sequence that was expected is not the last one. */
const WRONG_LAST_SEQUENCE = new Set([10_071, 10_164]);
const STREAM_NAME_IN_USE = 10_058;

export interface BucketEntry {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** A key-value bucket of JetStream, read from its leader. What can't be known within a moment is {@link StoreUnavailable}. */
export class Bucket {
  readonly #kv: KV;
  readonly #isOnline: () => boolean;

  constructor(kv: KV, isOnline: () => boolean) {
    this.#kv = kv;
    this.#isOnline = isOnline;
  }

  /** @returns nothing where the key is not there, or was deleted; then with its last revision, 0 for none. */
  async get(key: string): Promise<BucketEntry | { readonly value: undefined; readonly revision: number }> {
    const entry = await this.#ask(() => this.#kv.get(key));
    if (entry === null) return { value: undefined, revision: 0 };
    if (entry.operation !== "PUT") return { value: undefined, revision: entry.revision };
    return { value: entry.value, revision: entry.revision };
  }

  /**
   * Write if `revision` is still the last one, 0 for none.
   *
   * @returns whether it was. Of several writes at once only one has it with 0; with another revision a cluster of servers before 2.11 may
   * tell that to more than one, and keeps the last.
   */
  async write(key: string, value: string, revision: number): Promise<boolean> {
    const options = { previousSeq: revision, timeout: NATS_LIMITS.storeTimeoutMs };
    try {
      await this.#ask(() => this.#kv.put(key, value, options));
      return true;
    } catch (error) {
      if (error instanceof WrongRevision) return false;
      throw error;
    }
  }

  /** Write, whatever is there. */
  async put(key: string, value: string): Promise<void> {
    await this.#ask(() => this.#kv.put(key, value));
  }

  async #ask<T>(act: () => Promise<T>): Promise<T> {
    // A connection that is down keeps what is asked until it is up again; whoever waits is answered now.
    if (!this.#isOnline()) throw new StoreUnavailable("no NATS server can be reached");
    try {
      return await act();
    } catch (error) {
      if (error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code)) throw new WrongRevision();
      throw new StoreUnavailable(`the NATS store does not answer: ${(error as Error).message}`, { cause: error });
    }
  }
}

class WrongRevision extends Error {}

export interface BucketConfig {
  readonly name: string;
  readonly description: string;
  readonly maxBytes: number;
  /** What happens beyond `maxBytes`: the newest is refused, or the oldest goes. */
  readonly whenFull: "refuse" | "drop-oldest";
  /** Milliseconds; 0 for ever. */
  readonly maxAgeMs: number;
}

/**
 * Open a bucket, made before if it is not there, with a copy on three servers where there is a cluster. One that somebody has made with other
 * sizes or copies is taken as it is.
 */
export async function openBucket(
  connection: NatsConnection,
  manager: JetStreamManager,
  config: BucketConfig,
  isOnline: () => boolean,
): Promise<Bucket> {
  const name = `KV_${config.name}`;
  if (!(await isThere(manager, name))) await make(connection, manager, config, name);
  const kv = await new Kvm(jetstream(connection, { timeout: NATS_LIMITS.storeTimeoutMs })).open(config.name, {
    // A copy may not have yet what the leader has.
    allow_direct: false,
  });
  return new Bucket(kv, isOnline);
}

async function isThere(manager: JetStreamManager, name: string): Promise<boolean> {
  try {
    await manager.streams.info(name);
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return false;
    throw error;
  }
}

async function make(
  connection: NatsConnection,
  manager: JetStreamManager,
  config: BucketConfig,
  name: string,
): Promise<void> {
  const stream: Partial<StreamConfig> & { name: string } = {
    name,
    description: config.description,
    subjects: [`$KV.${config.name}.>`],
    max_msgs_per_subject: 1,
    max_bytes: config.maxBytes,
    max_age: config.maxAgeMs * 1_000_000,
    discard: config.whenFull === "refuse" ? "new" : "old",
    storage: "file",
    retention: "limits",
    num_replicas: connection.info?.cluster === undefined ? 1 : 3,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: false,
  };
  try {
    await manager.streams.add(stream);
  } catch (error) {
    // Another node made it at the same time.
    if (error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE) return;
    throw error;
  }
}
