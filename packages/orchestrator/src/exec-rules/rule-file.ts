/** What becomes of a command that begins in some way. */
export type RuleDecision = "allow" | "prompt" | "forbidden";

/** A rule about commands that begin with these words; of a list, any word of it. */
export interface PrefixRule {
  readonly pattern: readonly (readonly string[])[];
  readonly decision: RuleDecision;
  readonly justification: string | undefined;
}

/** A file of rules is not understood. The message names the line. */
export class RuleFileError extends Error {
  override readonly name = "RuleFileError";
}

type Value = string | number | boolean | null | readonly Value[];

const TOKEN =
  /\s*(?:#[^\n]*\s*)*(?:(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<number>-?\d+)|(?<mark>[()[\],=])|(?<end>$))/y;
const DECISIONS: readonly string[] = ["allow", "prompt", "forbidden"] satisfies RuleDecision[];
/** Lists within lists. */
const DEPTH_MAX = 8;

/**
 * The rules of a file: calls of `prefix_rule`, with words and lists of words. Calls of other functions are about something else.
 *
 * @throws RuleFileError - There is anything else in it. Nothing of such a file is to be used: what it forbids may not have been understood.
 */
export function readRules(text: string): readonly PrefixRule[] {
  return new RuleReader(text).rules();
}

/** A rule as a line of a file. */
export function allowingLine(prefix: readonly string[]): string {
  return `prefix_rule(pattern=[${prefix.map((word) => JSON.stringify(word)).join(", ")}], decision="allow")\n`;
}

class RuleReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  rules(): readonly PrefixRule[] {
    const rules: PrefixRule[] = [];
    for (;;) {
      const { word, end } = this.#next();
      if (end !== undefined) return rules;
      if (word === undefined) throw this.#problem("expected the name of a function");
      this.#expect("(");
      const members = this.#members();
      if (word === "prefix_rule") rules.push(this.#rule(members));
    }
  }

  #members(): ReadonlyMap<string, Value> {
    const members = new Map<string, Value>();
    for (;;) {
      const token = this.#next();
      if (token.mark === ")") return members;
      if (token.word === undefined) throw this.#problem("expected the name of an argument");
      this.#expect("=");
      members.set(token.word, this.#value(0));
      const { mark } = this.#next();
      if (mark === ")") return members;
      if (mark !== ",") throw this.#problem("expected `,` or `)`");
    }
  }

  #value(depth: number): Value {
    const { string, word, number, mark } = this.#next();
    if (string !== undefined) return this.#string(string);
    if (number !== undefined) return Number(number);
    if (word === "True" || word === "False") return word === "True";
    if (word === "None") return null;
    if (mark !== "[" || depth >= DEPTH_MAX) throw this.#problem("expected a text or a list");
    const values: Value[] = [];
    for (;;) {
      const before = this.#at;
      if (this.#next().mark === "]") return values;
      this.#at = before;
      values.push(this.#value(depth + 1));
      const { mark: behind } = this.#next();
      if (behind === "]") return values;
      if (behind !== ",") throw this.#problem("expected `,` or `]`");
    }
  }

  #string(quoted: string): string {
    // JSON has the same escapes, but for quotes.
    const inner = quoted.slice(1, -1).replaceAll(/\\([\s\S])|"/g, (found, escaped?: string) => {
      if (escaped === undefined) return '\\"';
      return escaped === "'" ? "'" : found;
    });
    try {
      return JSON.parse(`"${inner}"`) as string;
    } catch {
      throw this.#problem("a text has an escape that is not known");
    }
  }

  #rule(members: ReadonlyMap<string, Value>): PrefixRule {
    const pattern = members.get("pattern");
    const decision = members.get("decision") ?? "allow";
    const justification = members.get("justification") ?? undefined;
    if (!Array.isArray(pattern) || pattern.length === 0) throw this.#problem("a rule must have a pattern");
    if (typeof decision !== "string" || !DECISIONS.includes(decision)) {
      throw this.#problem(`a decision must be one of ${DECISIONS.join(", ")}`);
    }
    if (justification !== undefined && typeof justification !== "string") {
      throw this.#problem("a justification must be a text");
    }
    return {
      pattern: pattern.map((each: Value) => this.#words(each)),
      decision: decision as RuleDecision,
      justification,
    };
  }

  #words(value: Value): readonly string[] {
    const words = Array.isArray(value) ? value : [value];
    if (words.length > 0 && words.every((word) => typeof word === "string")) return words;
    throw this.#problem("a pattern must have texts, or lists of texts");
  }

  #expect(mark: string): void {
    if (this.#next().mark !== mark) throw this.#problem(`expected \`${mark}\``);
  }

  #next(): Readonly<Record<string, string | undefined>> {
    TOKEN.lastIndex = this.#at;
    const { groups } = TOKEN.exec(this.#text) ?? {};
    if (groups === undefined) throw this.#problem("it is not understood");
    this.#at = TOKEN.lastIndex;
    return groups;
  }

  #problem(what: string): RuleFileError {
    return new RuleFileError(`line ${this.#text.slice(0, this.#at).split("\n").length}: ${what}`);
  }
}
