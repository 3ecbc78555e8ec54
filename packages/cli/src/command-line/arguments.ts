import { UsageError } from "./failure.ts";

/** The arguments of one command, checked against its row in the table. */
export class Arguments {
  readonly positionals: readonly string[];
  /** What came after `--`. */
  readonly command: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(parts: {
    readonly values: Readonly<Record<string, unknown>>;
    readonly positionals: readonly string[];
    readonly command: readonly string[];
  }) {
    this.#values = parts.values;
    this.positionals = parts.positionals;
    this.command = parts.command;
  }

  /** Of the options that were given. */
  get names(): readonly string[] {
    return Object.entries(this.#values).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  }

  has(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }

  /**
   * A value out of a closed set.
   *
   * @throws UsageError it is none of them.
   */
  choice<const Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const choice = choices.find((each) => each === text);
    if (choice === undefined) throw new UsageError(`--${name} must be one of ${choices.join(", ")}, not '${text}'`);
    return choice;
  }
}
