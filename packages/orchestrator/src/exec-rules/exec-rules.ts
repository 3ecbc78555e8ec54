import { appendFile, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { underFileLock } from "@holdfast/rpc/file-lock";
import { simpleCommands } from "../agent/tools/command-line.ts";
import type { CommandRule } from "../unified-exec/exec-settings.ts";
import { allowingLine, type PrefixRule, RuleFileError, readRules } from "./rule-file.ts";

const FOLDER = "rules";
const OWN_FILE = "default.rules";
const SUFFIX = ".rules";
/** Bytes of a file. */
const FILE_MAX_BYTES = 1_048_576;

/** What the user has decided about commands for good: the files `rules/*.rules` of the home, which releases of Codex read and write as well. */
export class ExecRules {
  readonly #folder: string;
  readonly #warn: (line: string) => void;
  readonly #files = new Map<string, { readonly version: string; readonly rules: readonly PrefixRule[] }>();
  /** Approved while the file could not be written. */
  readonly #unwritten: PrefixRule[] = [];

  /** @param warn - Is told of a file that is not understood, once. */
  constructor(codexHome: string, warn: (line: string) => void) {
    this.#folder = join(codexHome, FOLDER);
    this.#warn = warn;
  }

  /** Read what has changed. A file that can not be read, or is not understood, has no rules. */
  async refresh(): Promise<void> {
    let names: readonly string[];
    try {
      names = (await readdir(this.#folder)).filter((name) => name.endsWith(SUFFIX));
    } catch {
      names = [];
    }
    for (const name of this.#files.keys()) if (!names.includes(name)) this.#files.delete(name);
    await Promise.all(names.map((name) => this.#read(name)));
  }

  /**
   * What the rules say of a script: the strictest of its commands counts, and it is allowed if each of them is.
   *
   * @returns Undefined: nothing. So it is of a script that does more than run commands with plain words.
   */
  ruleOf(script: string): CommandRule | undefined {
    const commands = simpleCommands(script);
    if (commands === undefined) return undefined;
    const found = commands.map(({ words }) => this.#ruleOfWords(words));
    for (const decision of ["forbidden", "prompt"] as const) {
      const rule = found.find((each) => each?.decision === decision);
      if (rule !== undefined) return { decision, justification: rule.justification };
    }
    return found.every((rule) => rule !== undefined) ? { decision: "allow", justification: undefined } : undefined;
  }

  /** The first command of a script that no rule allows. */
  undecided(script: string): readonly string[] | undefined {
    return simpleCommands(script)?.find(({ words }) => this.#ruleOfWords(words) === undefined)?.words;
  }

  /** Allow commands that begin with these words from now on. What can not be written holds until the end of this program. */
  async allow(prefix: readonly string[]): Promise<void> {
    const rule: PrefixRule = { pattern: prefix.map((word) => [word]), decision: "allow", justification: undefined };
    this.#unwritten.push(rule);
    const path = join(this.#folder, OWN_FILE);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await underFileLock(join(this.#folder, `.${OWN_FILE}.lock`), {}, async () => {
        const text = await readFile(path, "utf8").catch((error: unknown) => {
          if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
          throw error;
        });
        const line = allowingLine(prefix);
        if (text.split("\n").includes(line.trimEnd())) return;
        await appendFile(path, text === "" || text.endsWith("\n") ? line : `\n${line}`, { mode: 0o600 });
      });
      await this.refresh();
      // Where the file is not understood, what was approved holds all the same.
      if (this.#files.get(OWN_FILE)?.rules.length) this.#unwritten.splice(this.#unwritten.indexOf(rule), 1);
    } catch (error) {
      this.#warn(`${path} can not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #ruleOfWords(words: readonly string[]): PrefixRule | undefined {
    const all = [...[...this.#files.values()].flatMap(({ rules }) => rules), ...this.#unwritten];
    const matching = all.filter(({ pattern }) => pattern.every((some, index) => some.includes(words[index] ?? "\0")));
    return (
      matching.find(({ decision }) => decision === "forbidden") ??
      matching.find(({ decision }) => decision === "prompt") ??
      matching[0]
    );
  }

  async #read(name: string): Promise<void> {
    const path = join(this.#folder, name);
    let version = "";
    try {
      const { size, mtimeMs, ino } = await stat(path);
      version = `${ino}:${size}:${mtimeMs}`;
      if (this.#files.get(name)?.version === version) return;
      if (size > FILE_MAX_BYTES) throw new RuleFileError(`it is larger than ${FILE_MAX_BYTES} bytes`);
      this.#files.set(name, { version, rules: readRules(await readFile(path, "utf8")) });
    } catch (error) {
      this.#files.set(name, { version, rules: [] });
      this.#warn(`the rules of ${path} are not used: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
