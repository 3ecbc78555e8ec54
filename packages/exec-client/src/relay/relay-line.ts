/*
 * Declarations of this package lead here, and whoever installs it does not get the package of the channel: what it is about is described again, by
 * as much as is needed.
 */

/** An identity of the channel. */
interface Identity {
  wipe(): void;
}

/** The public half of one. */
interface PublicKey {
  readonly x25519: Uint8Array;
  readonly mlKem768: Uint8Array;
}

/**
 * Who a client is to the executors that it reaches through relays: made with its first connection, the same for all later ones, and
 * nowhere but in this process.
 */
export class RelayIdentity {
  #identity: Identity | undefined;

  /** @param make - Makes one where there is none yet; always the same function. */
  once<Kind extends Identity>(make: () => Kind): Kind {
    this.#identity ??= make();
    return this.#identity as Kind;
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
