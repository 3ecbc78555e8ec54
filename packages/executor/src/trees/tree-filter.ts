import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import ignore, { type Ignore } from "ignore";
import { joinPath } from "../filesystem/native-path.ts";
import { GITIGNORE_MAX_BYTES } from "./limits.ts";

/** What of a tree is left out. */
export interface TreeFilterOptions {
  /** As in a `.gitignore` in the root. */
  readonly exclude: readonly string[];
  readonly usesGitignore: boolean;
}

const GITIGNORE = Buffer.from(".gitignore");
const GIT_FOLDER = ".git";
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface Rules {
  readonly above: Rules | undefined;
  /** Length of the name of the folder that the rules are for, with the slash after it. */
  readonly prefixLength: number;
  readonly matcher: Ignore;
}

/** The filter of one folder, and of what is in it as far as nothing else is said there. */
export class TreeFilter {
  readonly #exclude: Ignore | undefined;
  readonly #usesGitignore: boolean;
  readonly #rules: Rules | undefined;

  private constructor(exclude: Ignore | undefined, usesGitignore: boolean, rules: Rules | undefined) {
    this.#exclude = exclude;
    this.#usesGitignore = usesGitignore;
    this.#rules = rules;
  }

  static of({ exclude, usesGitignore }: TreeFilterOptions): TreeFilter {
    return new TreeFilter(exclude.length === 0 ? undefined : ignore().add([...exclude]), usesGitignore, undefined);
  }

  /**
   * The filter for what lies in a folder that is stepped into.
   *
   * @param name - Of the folder, from the root; empty: the root.
   * @param path - By which any call reaches the folder.
   */
  within(name: string, path: Buffer): TreeFilter {
    if (!this.#usesGitignore) return this;
    const text = readSmallFile(joinPath(path, GITIGNORE));
    if (text === undefined) return this;
    const prefixLength = name === "" ? 0 : name.length + 1;
    const rules: Rules = { above: this.#rules, prefixLength, matcher: ignore().add(text) };
    return new TreeFilter(this.#exclude, true, rules);
  }

  /** @param name - From the root, as text: bytes that are no UTF-8 are matched as replacement characters. */
  leavesOut(name: string, isFolder: boolean): boolean {
    if (this.#exclude === undefined && !this.#usesGitignore) return false;
    const tested = isFolder ? `${name}/` : name;
    const own = this.#exclude?.test(tested);
    if (own?.ignored === true) return true;
    if (own?.unignored === true || !this.#usesGitignore) return false;
    if (isFolder && (name === GIT_FOLDER || name.endsWith(`/${GIT_FOLDER}`))) return true;
    // The nearest file that says something decides.
    for (let rules = this.#rules; rules !== undefined; rules = rules.above) {
      const told = rules.matcher.test(tested.slice(rules.prefixLength));
      if (told.ignored) return true;
      if (told.unignored) return false;
    }
    return false;
  }
}

/** Undefined where there is none, or it can't be read, or it is no regular file, or longer than any that is meant. */
function readSmallFile(path: Buffer): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, FLAGS);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > GITIGNORE_MAX_BYTES) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}
