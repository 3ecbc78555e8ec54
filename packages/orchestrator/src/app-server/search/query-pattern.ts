/** How a word of a query is to be found in a path. */
export interface QueryAtom {
  readonly kind: "fuzzy" | "substring" | "prefix" | "postfix" | "exact";
  /** What it matches is left out. */
  readonly isInverse: boolean;
  /** Its characters, in lower case. */
  readonly characters: readonly string[];
  /** It has marks of its own above letters: those of paths count. */
  readonly keepsMarks: boolean;
}

/** A query, read: all of its words have to be found. */
export interface QueryPattern {
  readonly atoms: readonly QueryAtom[];
  /** The whole of it in lower case, where it is one word without any sign: what a file may be named. */
  readonly name: string | undefined;
}

const SIGNS = /[\s\\^$'!]/;

/**
 * Read a query: words, each with what may stand around it. `'word` stands for itself in a row, `^word` at the beginning, `word$` at the end, `!word` nowhere. A backslash
 * takes the meaning away from a space and from the signs in front.
 */
export function queryPattern(query: string): QueryPattern {
  const trimmed = query.trim();
  const atoms = words(query).flatMap(atomOf);
  return { atoms, name: trimmed !== "" && !SIGNS.test(trimmed) ? trimmed.toLowerCase() : undefined };
}

/** Split at spaces that no backslash stands before. */
function words(query: string): readonly string[] {
  return query.match(/(?:\\\s|\S)+/g) ?? [];
}

function atomOf(word: string): readonly QueryAtom[] {
  let rest = word;
  const isInverse = rest.startsWith("!");
  if (isInverse) rest = rest.slice(1);
  let kind: QueryAtom["kind"] = isInverse ? "substring" : "fuzzy";
  if (rest.startsWith("^")) {
    kind = "prefix";
    rest = rest.slice(1);
  } else if (rest.startsWith("'")) {
    kind = "substring";
    rest = rest.slice(1);
  } else if (/^\\[!^']/.test(rest)) rest = rest.slice(1);
  if (rest.endsWith("\\$")) rest = `${rest.slice(0, -2)}$`;
  else if (rest.endsWith("$")) {
    kind = kind === "prefix" ? "exact" : "postfix";
    rest = rest.slice(0, -1);
  }
  const characters = Array.from(rest.replaceAll(/\\(?=\s)/g, ""), (character) => character.toLowerCase());
  if (characters.length === 0) return [];
  const keepsMarks = characters.some((character) => withoutMarks(character) !== character);
  return [{ kind, isInverse, characters, keepsMarks }];
}

/** A letter without what stands above or below it. */
export function withoutMarks(character: string): string {
  if (character < "\u0080") return character;
  const [plain = character] = character.normalize("NFD");
  return plain;
}
