import { stat } from "node:fs/promises";
import { type Clock, systemClock, type Timer } from "@holdfast/rpc";
import { TokenSet } from "./token-set.ts";
import { readTokensFile, stampOf } from "./tokens-file.ts";

/** How often it is looked whether the file is another one. */
const LOOK_MS = 1_000;

export interface WatchedTokensOptions {
  /** Other tokens than before are valid, or time has passed: what stands on a token is to be looked at again. Called every second. */
  readonly onLook?: (() => void) | undefined;
  /** What is there now is used. @param count - How many tokens it has. */
  readonly onChange?: ((count: number) => void) | undefined;
  /** What is there now can't be used, and the tokens stay as they were. Told once for each text that can't. */
  readonly onProblem?: ((error: unknown) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** A tokens file that others change while it is in use. One that can't be read or used changes nothing. */
export class WatchedTokens implements Disposable {
  readonly #path: string;
  readonly #options: WatchedTokensOptions;
  readonly #clock: Clock;
  #set: TokenSet;
  #stamp: string;
  #isGood = true;
  #timer: Timer | undefined;
  #isOver = false;

  /** @throws TokensFileError - It can't be used from the start. */
  static async open(path: string, options: WatchedTokensOptions = {}): Promise<WatchedTokens> {
    const { entries, stamp } = await readTokensFile(path);
    return new WatchedTokens(path, new TokenSet(entries), stamp, options);
  }

  private constructor(path: string, set: TokenSet, stamp: string, options: WatchedTokensOptions) {
    this.#path = path;
    this.#set = set;
    this.#stamp = stamp;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#lookLater();
  }

  get current(): TokenSet {
    return this.#set;
  }

  /** Whether the tokens are those that are in the file now. */
  get isGood(): boolean {
    return this.#isGood;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  #lookLater(): void {
    this.#timer = this.#clock.after(LOOK_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const stamp = await stat(this.#path).then(stampOf, (error: NodeJS.ErrnoException) => `${error.code}`);
    if (stamp !== this.#stamp) await this.#read(stamp);
    if (this.#isOver) return;
    this.#options.onLook?.();
    this.#lookLater();
  }

  async #read(seen: string): Promise<void> {
    try {
      const { entries, stamp } = await readTokensFile(this.#path);
      this.#stamp = stamp;
      this.#set = new TokenSet(entries);
      this.#isGood = true;
      this.#options.onChange?.(entries.length);
    } catch (error) {
      this.#stamp = seen;
      this.#isGood = false;
      this.#options.onProblem?.(error);
    }
  }
}
