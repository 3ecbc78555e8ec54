import type { PublicKey } from "@holdfast/relay-protocol";

/*
 * What the service stands on. Embedded: memory and one file. On many machines: NATS. Neither knows of HTTP, sockets or tokens.
 */

/** The executor that is behind an environment now. */
export interface Registration {
  readonly environmentId: string;
  /** Random, new with each registration. */
  readonly registrationId: string;
  readonly executorKey: PublicKey;
  /** Who registered it: the name of the token, for the audit log. */
  readonly owner: string;
  /** Unix milliseconds. */
  readonly registeredAt: number;
}

/** The newest registration of each environment. What is put is there for every node when the promise resolves. */
export interface Registrations {
  /** @throws Error - It can't be known now: the caller answers 503. */
  get(environmentId: string): Promise<Registration | undefined>;
  /**
   * Replace what is there.
   *
   * @throws RegistrationConflict another one was written at the same time: nothing was written, and it may be tried again.
   */
  put(registration: Registration): Promise<void>;
}

/** A harness's permission to speak to one registration, once. */
export interface Authorization {
  readonly environmentId: string;
  readonly registrationId: string;
  readonly harnessKey: PublicKey;
  /** Who asked for it: the name of the token. */
  readonly client: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** Bounded: the oldest go first. Keys are digests of what a harness was given, so that nobody who reads them can use them. */
export interface Authorizations {
  issue(digest: string, authorization: Authorization): Promise<void>;
  /** Take it away and give it back: to one caller of all nodes. What is past its time is as good as not there. */
  consume(digest: string): Promise<Authorization | undefined>;
}

export type StreamRefusal = "no-executor" | "stream-taken" | "too-many-streams" | "unavailable";

/** An executor's socket as the routes see it. */
export interface ExecutorEnd {
  /**
   * Bytes of one message, unchanged.
   *
   * @param streamId - Whose it is: when the socket is full, that stream is held.
   * @returns false when it was not taken, because too much waits in front of it: its stream has to end, for both sides.
   */
  frame(streamId: string, frame: Uint8Array): boolean;
  /**
   * A stream has been asked to be held, and its harness takes no more: read nothing more from the executor for now, or go on.
   *
   * @returns whether that is done; not where the executor holds its streams itself.
   */
  stall(streamId: string, isStalled: boolean): boolean;
  /** Another socket of the same or of a newer registration took its place: this one has to go. */
  replaced(): void;
}

/** A harness's stream as the routes see it. */
export interface HarnessEnd {
  frame(frame: Uint8Array): void;
  /** The executor's socket is gone, or frames were lost on the way: the stream is over. */
  ended(reason: string): void;
  /** Whether the executor wants no more for now. */
  hold(isHeld: boolean): void;
}

/** What an executor's socket does. */
export interface ExecutorRoute {
  /** @returns false where nobody has this stream: the frame is dropped. */
  send(streamId: string, frame: Uint8Array): boolean;
  /** Its socket is full, or is not any more. */
  hold(streamId: string, isHeld: boolean): void;
  close(): Promise<void>;
}

/** What a harness's stream does. */
export interface HarnessRoute {
  send(frame: Uint8Array): void;
  /** Its socket is full, or is not any more: the executor is asked to hold the stream back. */
  hold(isHeld: boolean): void;
  /**
   * Nothing more of the executor can be taken for now, though it was asked to hold the stream.
   *
   * @returns whether it is not read meanwhile; not where it holds its streams itself, or its socket is on another node.
   */
  stall(isStalled: boolean): boolean;
  /** The socket is gone: the executor is told by a reset. */
  close(): Promise<void>;
}

/** Who is where. Order within a stream is kept; a frame that is lost ends its stream. */
export interface Routes extends AsyncDisposable {
  attachExecutor(
    registration: Pick<Registration, "environmentId" | "registrationId">,
    end: ExecutorEnd,
  ): Promise<ExecutorRoute>;
  /** Whether an executor's socket is here or on another node: a harness is sent away before it connects where none is. */
  isConnected(registrationId: string): Promise<boolean>;
  /** @returns why not, where there is none. */
  openStream(registrationId: string, streamId: string, end: HarnessEnd): Promise<HarnessRoute | StreamRefusal>;
}

/** All of it, of one process or of many. */
export interface RelayStores extends AsyncDisposable {
  readonly registrations: Registrations;
  readonly authorizations: Authorizations;
  readonly routes: Routes;
  /** Signs the URLs of sockets: 32 random bytes, the same on every node and after a restart. */
  readonly signingSecret: Uint8Array;
  /** Whether it can do its work now, for `/readyz`. */
  isReady(): boolean;
}

/** Another registration of the environment was written at the same time. */
export class RegistrationConflict extends Error {
  override readonly name = "RegistrationConflict";
}
