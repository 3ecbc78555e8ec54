import { matchesEnvironment } from "./environment-pattern.ts";
import { isExpired, type TokenEntry, type TokenRole, tokenDigest } from "./token.ts";

/** The tokens of a file, to be asked. */
export class TokenSet {
  readonly #byDigest: ReadonlyMap<string, TokenEntry>;
  readonly #byId: ReadonlyMap<string, TokenEntry>;

  constructor(entries: readonly TokenEntry[]) {
    this.#byDigest = new Map(entries.map((entry) => [entry.sha256, entry]));
    this.#byId = new Map(entries.map((entry) => [entry.id, entry]));
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Whose token this is, expired or not. What it is looked up by is its hash, so that the time that takes says nothing about the tokens there are. */
  find(token: string): TokenEntry | undefined {
    return this.#byDigest.get(tokenDigest(token));
  }

  /**
   * A token that may still be used.
   *
   * @param now - Unix milliseconds.
   */
  valid(id: string, now: number): TokenEntry | undefined {
    const entry = this.#byId.get(id);
    return entry === undefined || isExpired(entry, now) ? undefined : entry;
  }
}

/** Whether a token is for that. */
export function permits(entry: TokenEntry, role: TokenRole, environmentId: string): boolean {
  return entry.role === role && matchesEnvironment(entry.environment, environmentId);
}
