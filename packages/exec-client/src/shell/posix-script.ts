import { InvalidArgumentError } from "../errors.ts";

/**
 * Put references to variables where values belong in a script for a POSIX shell: `"${_1}"`, or what says the same inside quotes. The
 * shell then reads no value as a script, where it reads it once: a place that is misjudged here can at worst cost a word its spaces.
 * Where it reads a word a second time, as bash does in all arithmetic, a value is refused.
 *
 * The variables are set ahead of the script from its positional parameters, which are others in a function, and after `set` and `shift`.
 *
 * @param parts - The script's own text, around the values.
 * @param counts - How many words each value is; undefined: one, that may be a part of a word.
 * @throws InvalidArgumentError - `parts`: a value stands where a shell would not look at it (a comment, the text of a here-document), where it would
 * read it a second time (in backquotes, in arithmetic), or several words stand within quotes.
 */
export function posixScript(parts: readonly string[], counts: readonly (number | undefined)[]): string {
  const place = new Place();
  let parameter = 0;
  let script = "";
  for (const [index, part] of parts.entries()) {
    place.read(part);
    script += part;
    if (index === parts.length - 1) break;
    const count = counts[index];
    const names = Array.from({ length: count ?? 1 }, () => `\${_${++parameter}}`);
    script += place.refer(names, count !== undefined);
  }
  if (parameter === 0) return script;
  const setters = Array.from({ length: parameter }, (_, index) => `_${index + 1}=\${${index + 1}}`);
  return `${setters.join(" ")}; ${script}`;
}

/** What a shell is within, innermost last. A bare `(` counts, so that `)` ends the right thing. */
type Within = "'" | '"' | "$(" | "(" | "${" | "$((" | "((" | "$[" | "[[" | "[" | "`" | "#" | "<<" | "$'";

/** Where bash reads a value as an expression, which can contain commands. */
const ARITHMETIC: readonly (readonly [Within, string])[] = [
  ["$((", "within $((…)), where it would be read as an expression"],
  ["((", "within ((…)), where it would be read as an expression: write ( ( for two subshells"],
  ["$[", "within $[…], where it would be read as an expression"],
  ["[[", "within [[…]], where it can be read as an expression: write [ … ]"],
  ["[", "within name[…], where it can be read as an expression"],
];

const SPACE = /^\s/;
/** What ends a word. */
const SEPARATORS = " \t\n;&|()<>";
/** Stands for a part of a word that is none of its text. */
const NO_TEXT = "?";

/** The place in a script that a shell has reached. */
class Place {
  readonly #within: Within[] = [];
  #isEscaped = false;
  /** Behind a `$` that waits for what it means. */
  #isAfterDollar = false;
  /** The word that has begun; empty: the next character begins one. */
  #word = "";
  /** Something was met after which the place is not known for sure: what. */
  #doubt: string | undefined;

  read(part: string): void {
    for (let at = 0; at < part.length; ) at += this.#step(part, at);
  }

  refer(names: readonly string[], isList: boolean): string {
    const innermost = this.#within.at(-1);
    const refusal = this.#refusal(innermost, isList);
    if (refusal !== undefined) throw new InvalidArgumentError("script", `a value must not stand ${refusal}`);
    if (names.length > 0) this.#word += NO_TEXT;
    const quoted = names.map((name) => `"${name}"`).join(" ");
    // Out of the quotes and back: nothing has a meaning within them, a variable neither.
    if (innermost === "'") return `'${quoted}'`;
    return innermost === '"' ? names.join("") : quoted;
  }

  #refusal(innermost: Within | undefined, isList: boolean): string | undefined {
    if (this.#isEscaped) return "behind a backslash";
    if (this.#isAfterDollar) return "behind a dollar sign: write \\$ for one that is text";
    if (this.#doubt !== undefined) return this.#doubt;
    if (this.#within.includes("`")) return "within backquotes: write $(…)";
    const arithmetic = ARITHMETIC.find(([within]) => this.#within.includes(within));
    if (arithmetic !== undefined) return arithmetic[1];
    if (innermost === "#") return "in a comment";
    if (innermost === "$'") return "within $'…'";
    if (this.#within.includes("${")) return `within \${…}`;
    if (this.#within.includes("<<")) return "in a script with a here-document";
    if (isList && innermost !== undefined && "'\"".includes(innermost)) return "within quotes when it is a list";
    return undefined;
  }

  /** @returns How many characters were taken. */
  #step(part: string, at: number): number {
    const character = part.charAt(at);
    const innermost = this.#within.at(-1);
    if (innermost === "#") return this.#endAt(character, "\n");
    if (innermost === "'") return this.#endAt(character, "'");
    if (innermost === "<<") return 1;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      // A line that goes on is as if it had not ended.
      if (character !== "\n") this.#word += NO_TEXT;
      return 1;
    }
    const isAfterDollar = this.#isAfterDollar;
    this.#isAfterDollar = false;
    if (character === "\\") {
      this.#isEscaped = true;
      return 1;
    }
    if (innermost === "$'") return this.#endAt(character, "'");
    const opened = isAfterDollar && character === "$" ? undefined : this.#opens(part, at, innermost);
    if (opened !== undefined) {
      this.#within.push(opened);
      this.#word = opened === '"' || opened === "'" ? NO_TEXT : "";
      return opened.length;
    }
    if (this.#closes(part, at, innermost)) {
      this.#within.pop();
      // Behind a subshell a word begins, behind what is a part of a word it goes on.
      this.#word = innermost === "(" || innermost === "((" ? "" : NO_TEXT;
      return innermost === "$((" || innermost === "((" || innermost === "[[" ? 2 : 1;
    }
    this.#isAfterDollar = character === "$" && !isAfterDollar;
    if (!SEPARATORS.includes(character)) {
      this.#word += character;
      return 1;
    }
    // Its patterns end with a `)` that closes nothing.
    if (this.#word === "case" && this.#within.includes("$(")) this.#doubt = "behind a case within $(…)";
    this.#word = "";
    return 1;
  }

  #endAt(character: string, end: string): number {
    if (character === end) {
      this.#within.pop();
      this.#word = end === "\n" ? "" : NO_TEXT;
    }
    return 1;
  }

  #opens(part: string, at: number, innermost: Within | undefined): Within | undefined {
    const isIn = (open: Within): boolean => part.startsWith(open, at);
    if (isIn("$((")) return "$((";
    if (isIn("$(")) return "$(";
    if (isIn("${")) return "${";
    if (isIn("$[")) return "$[";
    if (isIn("`") && innermost !== "`") return "`";
    if (isIn('"') && innermost !== '"') return '"';
    if (innermost === '"') return undefined;
    if (isIn("$'")) return "$'";
    if (isIn("'")) {
      // Whether it is a quote there depends on the kind of expansion.
      if (innermost === "${" && this.#within.includes('"')) this.#doubt = `behind a single quote within "\${…}"`;
      return "'";
    }
    if (innermost === "${") return undefined;
    const isArithmetic = innermost === "$((" || innermost === "((";
    if (isIn("((") && !isArithmetic) return "((";
    if (isIn("(")) return "(";
    if (isIn("<<") && !isArithmetic) return "<<";
    if (isIn("[")) return this.#opensBracket(part.slice(at + 1));
    return isIn("#") && this.#word === "" ? "#" : undefined;
  }

  /** `[` alone is a command, and in the middle of a word a pattern. */
  #opensBracket(rest: string): Within | undefined {
    if (this.#word !== "") return /^[A-Za-z_]\w*\+?$/.test(this.#word) ? "[" : undefined;
    if (SPACE.test(rest)) return undefined;
    return rest.startsWith("[") && SPACE.test(rest.slice(1)) ? "[[" : "[";
  }

  #closes(part: string, at: number, innermost: Within | undefined): boolean {
    const character = part.charAt(at);
    if (innermost === "$((" || innermost === "((") return part.startsWith("))", at);
    if (innermost === "[[") return this.#word === "" && part.startsWith("]]", at);
    if (innermost === "$(" || innermost === "(") return character === ")";
    if (innermost === "${") return character === "}";
    if (innermost === "$[" || innermost === "[") return character === "]";
    return innermost !== undefined && character === innermost;
  }
}
