import { IGNORE_WILDCARDS_MAX_BYTES, IgnoreRules, IgnoreRulesError, type IgnoreState } from "./ignore-rules.ts";

/** Most memory, in bytes, of all patterns that may say something of one name, those of the folders above included. */
const IN_FORCE_MAX_BYTES = 32 * 1_048_576;

/** What of a tree is left out. */
export interface IgnoreOptions {
  /** Patterns as in an ignore file in the root. They go before all files. */
  readonly exclude: readonly string[];
  /** Whether the ignore files in the tree say something, and `.git` is left out. */
  readonly followsFiles: boolean;
}

interface RulesInForce {
  readonly rules: IgnoreRules;
  readonly state: IgnoreState;
}

const GIT = new TextEncoder().encode(".git");

/** What is left out of one folder of a tree, as git decides it. It is never changed; a tree is walked from the root down. */
export class IgnoreFilter {
  readonly #exclude: RulesInForce | undefined;
  readonly #followsFiles: boolean;
  /** Those of the nearest file first. */
  readonly #files: readonly RulesInForce[];

  private constructor(exclude: RulesInForce | undefined, followsFiles: boolean, files: readonly RulesInForce[]) {
    this.#exclude = exclude;
    this.#followsFiles = followsFiles;
    this.#files = files;
  }

  /**
   * For the root.
   *
   * @throws IgnoreRulesError - There are more or longer patterns than are followed.
   */
  static of({ exclude, followsFiles }: IgnoreOptions): IgnoreFilter {
    const encoder = new TextEncoder();
    const own = exclude.length === 0 ? undefined : inForce(IgnoreRules.of(exclude.map((line) => encoder.encode(line))));
    return new IgnoreFilter(own, followsFiles, []);
  }

  /** Whether it leaves out anything at all. */
  get isEmpty(): boolean {
    return this.#exclude === undefined && !this.#followsFiles;
  }

  /** Whether ignore files say something. */
  get followsFiles(): boolean {
    return this.#followsFiles;
  }

  /** What the rules of the nearest ignore file take in memory, more or less: for who keeps the filters of many folders. */
  get fileMemoryBytes(): number {
    return this.#files[0]?.rules.memoryBytes ?? 0;
  }

  /**
   * The same, with what the ignore file in this folder says.
   *
   * @param text - Of the file.
   * @throws IgnoreRulesError - It can't be followed, or not together with those of the folders above. What is in this folder must be
   * left out then: nothing else is safe to read, or to remove.
   */
  withFile(text: Uint8Array): IgnoreFilter {
    const files = [inForce(IgnoreRules.parse(text)), ...this.#files];
    const sum = (of: (rules: IgnoreRules) => number): number => files.reduce((all, { rules }) => all + of(rules), 0);
    if (sum(({ wildcardBytes }) => wildcardBytes) > IGNORE_WILDCARDS_MAX_BYTES) {
      throw new IgnoreRulesError(
        `has, with those of the folders above, patterns with wildcards of more than ${IGNORE_WILDCARDS_MAX_BYTES} bytes`,
      );
    }
    if (sum(({ memoryBytes }) => memoryBytes) > IN_FORCE_MAX_BYTES) {
      throw new IgnoreRulesError(
        `has, with those of the folders above, patterns that take more than ${IN_FORCE_MAX_BYTES} bytes of memory`,
      );
    }
    return new IgnoreFilter(this.#exclude, this.#followsFiles, files);
  }

  /** For a folder in this one. */
  below(name: Uint8Array): IgnoreFilter {
    const enter = ({ rules, state }: RulesInForce): RulesInForce => ({ rules, state: rules.enter(state, name) });
    const exclude = this.#exclude === undefined ? undefined : enter(this.#exclude);
    return new IgnoreFilter(exclude, this.#followsFiles, this.#files.map(enter));
  }

  /** Whether something in this folder is left out, and with it all that is in it. */
  ignores(name: Uint8Array, isFolder: boolean): boolean {
    const own = this.#exclude?.rules.verdict(this.#exclude.state, name, isFolder);
    if (own !== undefined) return own === "ignored";
    if (!this.#followsFiles) return false;
    if (isGit(name)) return true;
    for (const { rules, state } of this.#files) {
      const told = rules.verdict(state, name, isFolder);
      if (told !== undefined) return told === "ignored";
    }
    return false;
  }
}

function inForce(rules: IgnoreRules): RulesInForce {
  return { rules, state: rules.start };
}

function isGit(name: Uint8Array): boolean {
  return name.length === GIT.length && GIT.every((byte, index) => name[index] === byte);
}
