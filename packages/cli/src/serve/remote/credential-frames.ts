import type { Log } from "@holdfast/executor";
import { type Clock, systemClock } from "@holdfast/rpc";
import type { Context } from "../../command-line/context.ts";
import { CommandFailure, reasonOf } from "../../command-line/failure.ts";
import { type ExecutorCredential, isExpired, readCredentialFrame } from "./credential-frame.ts";
import { readLines } from "./stdin-lines.ts";

/** Time that the first one has. */
const FIRST_FRAME_MS = 30_000;

/** The credentials that stdin brings, the newest of which counts. */
export class CredentialFrames {
  /** Resolves when stdin has ended: nobody is there any more who answers for this executor. */
  readonly ended: Promise<void>;
  readonly #first = Promise.withResolvers<void>();
  readonly #environmentId: string;
  readonly #log: Log;
  readonly #stop: () => void;
  #newest: ExecutorCredential | undefined;

  constructor(stdin: Context["stdin"], environmentId: string, log: Log) {
    this.#environmentId = environmentId;
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#first.promise.catch(() => {});
    this.#stop = readLines(stdin, {
      line: (text) => this.#take(text),
      ended: () => {
        this.#first.reject(new CommandFailure("stdin ended before the initial exec-server executor credential"));
        resolve();
      },
    });
  }

  /** @throws CommandFailure the first frame is none, or does not come within 30 s. */
  async whenFirst(clock: Clock = systemClock): Promise<void> {
    const timer = clock.after(FIRST_FRAME_MS, () =>
      this.#first.reject(new CommandFailure("timed out waiting for the initial exec-server executor credential")),
    );
    try {
      await this.#first.promise;
    } finally {
      timer.cancel();
    }
  }

  /** The token of now. @throws Error it has expired, and there is no newer one. */
  readonly token = (): string => {
    if (this.#newest === undefined || isExpired(this.#newest, Date.now())) {
      throw new Error("exec-server executor credential is expired");
    }
    return this.#newest.token;
  };

  close(): void {
    this.#stop();
  }

  #take(text: string | undefined): void {
    try {
      this.#newest = readCredentialFrame(text ?? "", this.#environmentId, Date.now());
      this.#first.resolve();
    } catch (error) {
      // The one before stays: it counts until it expires.
      if (this.#newest === undefined) this.#first.reject(new CommandFailure(reasonOf(error)));
      else this.#log.warn(`a new credential was not taken: ${reasonOf(error)}`);
    }
  }
}
