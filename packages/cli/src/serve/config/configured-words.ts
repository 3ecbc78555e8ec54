import type { Arguments } from "../../command-line/arguments.ts";
import { CommandFailure, OptionFailure, UsageError } from "../../command-line/failure.ts";
import type { ServeWords } from "../serve-words.ts";
import type { ConfigEntry, ConfigFile } from "./config-file.ts";

/** Where the value of an option is from. */
export type Origin =
  | { readonly kind: "default" }
  | { readonly kind: "option" }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly key: string };

/** The words of a start: the options, and where there is none, what a configuration file says. */
export class ConfiguredWords implements ServeWords {
  readonly #args: Arguments;
  readonly #file: ConfigFile | undefined;

  constructor(args: Arguments, file: ConfigFile | undefined) {
    this.#args = args;
    this.#file = file;
  }

  has(name: string): boolean {
    return this.#args.has(name) || this.#entry(name)?.value === true;
  }

  text(name: string): string | undefined {
    const own = this.#args.text(name);
    if (name === "limits") return this.#limits(own);
    if (own !== undefined) return own;
    const value = this.#entry(name)?.value;
    return typeof value === "string" ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const own = this.#args.texts(name);
    if (own.length > 0) return own;
    const value = this.#entry(name)?.value;
    return Array.isArray(value) ? value : [];
  }

  choice<const Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const own = this.#args.choice(name, choices);
    const text = own ?? this.text(name);
    if (text === undefined) return undefined;
    const choice = choices.find((each) => each === text);
    if (choice === undefined) throw new UsageError(`--${name} must be one of ${choices.join(", ")}, not '${text}'`);
    return choice;
  }

  /** The configuration file, absolute; undefined where there is none. */
  get file(): string | undefined {
    return this.#file?.path;
  }

  originOf(name: string): Origin {
    const isGiven = this.#args.has(name) || this.#args.text(name) !== undefined || this.#args.texts(name).length > 0;
    if (isGiven) return { kind: "option" };
    const entry = this.#entry(name);
    if (entry === undefined || this.#file === undefined) return { kind: "default" };
    return { kind: "file", file: this.#file.name, line: entry.line, key: entry.key };
  }

  /** The same error in the words of the file, where it is about an option that the file has set. */
  inWordsOfFile(error: unknown): unknown {
    if (!(error instanceof UsageError || error instanceof CommandFailure)) return error;
    const message = error.message.replaceAll(/--([a-z][a-z0-9-]*)/g, (flag, name: string) => {
      const origin = this.originOf(name);
      return origin.kind === "file" ? `${origin.key} (${origin.file}:${origin.line})` : flag;
    });
    if (message === error.message) return error instanceof OptionFailure ? this.#withKey(error) : error;
    if (error instanceof UsageError) return new UsageError(message, { cause: error });
    return new CommandFailure(message, { cause: error, exitCode: error.exitCode });
  }

  /** With the key in front, of words that name neither. */
  #withKey(error: OptionFailure): CommandFailure {
    const origin = this.originOf(error.option);
    if (origin.kind !== "file") return error;
    const message = `${origin.key} (${origin.file}:${origin.line}): ${error.message}`;
    return new CommandFailure(message, { cause: error, exitCode: error.exitCode });
  }

  originOfLimit(name: string): Origin {
    const line = this.#file?.limitLines.get(name);
    const isGiven = (this.#args.text("limits") ?? "").split(",").some((setting) => setting.startsWith(`${name}=`));
    if (isGiven) return { kind: "option" };
    if (line === undefined || this.#file === undefined) return { kind: "default" };
    return { kind: "file", file: this.#file.name, line, key: `limits.${name}` };
  }

  /** What the options say comes last, and counts. */
  #limits(own: string | undefined): string | undefined {
    const all = [this.#file?.limits, own].filter((text) => text !== undefined && text !== "");
    return all.length === 0 ? own : all.join(",");
  }

  #entry(name: string): ConfigEntry | undefined {
    return this.#file?.entries.get(name);
  }
}
