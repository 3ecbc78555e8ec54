import type { PublicKey } from "@holdfast/relay-protocol";
import type { Identity } from "@holdfast/relay-protocol/noise";

/**
 * Who a client is to the executors that it reaches through relays: made with its first connection, the same for all later ones, and
 * nowhere but in this process.
 */
export class RelayIdentity {
  #identity: Identity | undefined;

  /** @param make - Makes one where there is none yet. */
  once(make: () => Identity): Identity {
    this.#identity ??= make();
    return this.#identity;
  }

  /** Wipe it: nobody dials any more. Whoever does all the same is somebody else. */
  forget(): void {
    this.#identity?.wipe();
    this.#identity = undefined;
  }
}

/** The executor that has a session, by its key. */
export interface ExecutorPin {
  /** Undefined before the first connection. */
  key: PublicKey | undefined;
}

/** What a connection has to do with those before it, where it leads through a relay. */
export interface RelayLine {
  readonly identity: RelayIdentity;
  /** That of the session which the connection is for; takes the executor's key with the first one. */
  readonly pin: ExecutorPin;
  /** Whether a session is to be resumed. */
  readonly isRecovery: boolean;
}

/** The line of somebody who dials once. */
export function singleRelayLine(): RelayLine {
  return { identity: new RelayIdentity(), pin: { key: undefined }, isRecovery: false };
}
