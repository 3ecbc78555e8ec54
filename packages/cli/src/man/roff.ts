/** Characters that roff, or the fonts that man pages are shown in, make something else of. */
const NAMED: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "~": "\\(ti",
  "^": "\\(ha",
  "`": "\\(ga",
  "'": "\\(aq",
};

/** A text of one line for roff, as it is. */
export function roffText(text: string): string {
  const escaped = Array.from(text, (character) => NAMED[character] ?? asAscii(character)).join("");
  // A control line begins with it.
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}

/** An argument of a macro. */
export function roffArgument(text: string): string {
  return `"${roffText(text).replaceAll('"', "\\(dq")}"`;
}

function asAscii(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return point < 0x80 ? character : `\\[u${point.toString(16).toUpperCase().padStart(4, "0")}]`;
}
