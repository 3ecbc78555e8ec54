import { InvalidArgumentError } from "../errors.ts";

/**
 * Put references to positional parameters where values belong in a script for a POSIX shell: `"${1}"`, or what says the same inside
 * quotes. The shell then reads no value as a script, wherever it stands: a place that is misjudged here can at worst cost a word
 * its spaces.
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
    const names = Array.from({ length: count ?? 1 }, () => `\${${++parameter}}`);
    script += place.refer(names, count !== undefined);
  }
  return script;
}

/** What a shell is within, innermost last. A bare `(` counts, so that `)` ends the right thing. */
type Within = "'" | '"' | "$(" | "(" | "${" | "$((" | "`" | "#" | "<<" | "$'";

/** The place in a script that a shell has reached. */
class Place {
  readonly #within: Within[] = [];
  #isEscaped = false;
  #isWordStart = true;

  read(part: string): void {
    for (let at = 0; at < part.length; ) at += this.#step(part, at);
  }

  refer(names: readonly string[], isList: boolean): string {
    const innermost = this.#within.at(-1);
    const refusal = this.#refusal(innermost, isList);
    if (refusal !== undefined) throw new InvalidArgumentError("script", `a value must not stand ${refusal}`);
    this.#isWordStart = names.length === 0;
    const quoted = names.map((name) => `"${name}"`).join(" ");
    // Out of the quotes and back: nothing has a meaning within them, a parameter neither.
    if (innermost === "'") return `'${quoted}'`;
    return innermost === '"' ? names.join("") : quoted;
  }

  #refusal(innermost: Within | undefined, isList: boolean): string | undefined {
    if (this.#isEscaped) return "behind a backslash";
    if (this.#within.includes("`")) return "within backquotes: write $(…)";
    if (this.#within.includes("$((")) return "within $((…)), where it would be read as an expression";
    if (innermost === "#") return "in a comment";
    if (innermost === "$'") return "within $'…'";
    if (innermost === "${") return `within \${…}`;
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
      this.#isWordStart = false;
      return 1;
    }
    if (character === "\\") {
      this.#isEscaped = true;
      return 1;
    }
    if (innermost === "$'") return this.#endAt(character, "'");
    const opened = this.#opens(part, at, innermost);
    if (opened !== undefined) {
      this.#within.push(opened);
      this.#isWordStart = opened !== '"' && opened !== "'";
      return opened.length;
    }
    if (this.#closes(part, at, innermost)) {
      this.#within.pop();
      this.#isWordStart = false;
      return innermost === "$((" ? 2 : 1;
    }
    this.#isWordStart = " \t\n;&|(<>".includes(character);
    return 1;
  }

  #endAt(character: string, end: string): number {
    if (character === end) {
      this.#within.pop();
      this.#isWordStart = end === "\n";
    }
    return 1;
  }

  #opens(part: string, at: number, innermost: Within | undefined): Within | undefined {
    const isIn = (open: Within): boolean => part.startsWith(open, at);
    if (isIn("$((")) return "$((";
    if (isIn("$(")) return "$(";
    if (isIn("${")) return "${";
    if (isIn("`") && innermost !== "`") return "`";
    if (isIn('"') && innermost !== '"') return '"';
    if (innermost === '"') return undefined;
    if (isIn("$'")) return "$'";
    if (isIn("'")) return "'";
    if (innermost === "${") return undefined;
    if (isIn("(")) return "(";
    if (isIn("<<") && innermost !== "$((") return "<<";
    return isIn("#") && this.#isWordStart ? "#" : undefined;
  }

  #closes(part: string, at: number, innermost: Within | undefined): boolean {
    const character = part.charAt(at);
    if (innermost === "$((") return part.startsWith("))", at);
    if (innermost === "$(" || innermost === "(") return character === ")";
    if (innermost === "${") return character === "}";
    return innermost !== undefined && character === innermost;
  }
}
