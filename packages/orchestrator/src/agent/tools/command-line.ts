/** What a shell makes of nothing but a plain word. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./^-]+$/;

/** Program and arguments as one line, which a shell would read as them again. */
export function commandLine(argv: readonly string[]): string {
  return argv.map(quoted).join(" ");
}

function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!word.includes("'")) return `'${word}'`;
  return `"${word.replace(/["\\$`]/g, "\\$&")}"`;
}

/** One simple command of a script, and what stands before it. */
export interface SimpleCommand {
  readonly words: readonly string[];
  /** Undefined: it is the first. */
  readonly joint: "&&" | "||" | ";" | "|" | undefined;
}

const TOKEN =
  /\s*(?:(?<joint>&&|\|\||[;|\n])|(?<word>(?:[^\s'"\\;&|<>()$`*?[\]{}~#!\n]|(?<=\S)[#~!]|'[^']*'|"[^"$`\\]*")+))/y;

/**
 * The simple commands that a script consists of.
 *
 * @returns Undefined: it does more than that, such as redirections, variables or loops.
 */
export function simpleCommands(script: string): readonly SimpleCommand[] | undefined {
  const commands: SimpleCommand[] = [];
  let words: string[] = [];
  let joint: SimpleCommand["joint"];
  const text = script.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const { groups } = TOKEN.exec(text) ?? {};
    if (groups === undefined) return undefined;
    if (groups.word !== undefined) {
      words.push(groups.word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
      continue;
    }
    if (words.length === 0) return undefined;
    commands.push({ words, joint });
    words = [];
    joint = groups.joint === "\n" ? ";" : (groups.joint as SimpleCommand["joint"]);
  }
  if (words.length > 0) commands.push({ words, joint });
  return commands.length === 0 || /[;&|]$/.test(text) ? undefined : commands;
}
