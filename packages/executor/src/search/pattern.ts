import { FileSystemFault } from "../filesystem/index.ts";
import type { LineMatch, LineSearch } from "./match-lines.ts";

/** What a line is to have in it. */
export interface TextPattern {
  readonly text: string;
  readonly isRegex: boolean;
  readonly ignoreCase: boolean;
}

/** A pattern as a regular expression, and, where it can be, as bytes that every file with a match has in it. */
export interface CompiledPattern {
  readonly source: string;
  readonly flags: string;
  readonly neededBytes: Buffer | undefined;
}

/** Runs a search over one text, in bounded time. @throws FileSystemFault `invalid-input` - It took too long. */
export type RunLineSearch = (search: LineSearch) => Promise<LineMatch[]>;

const SECOND_MS = 1_000;
/** Far fewer than a simple pattern gets through in a second, on a machine that has much else to do. */
const CHARACTERS_PER_SECOND = 16 * 1_048_576;

/** How long one text may take: a second, and more for one of many megabytes. */
export function patienceFor({ text }: Pick<LineSearch, "text">): number {
  return SECOND_MS * (1 + Math.floor(text.length / CHARACTERS_PER_SECOND));
}

/** The refusal of a pattern that takes too long. */
export function tooSlow(search: Pick<LineSearch, "text">): FileSystemFault {
  const seconds = patienceFor(search) / SECOND_MS;
  return new FileSystemFault(
    "invalid-input",
    `the pattern took more than ${seconds} s on one file; write a simpler one`,
  );
}

/** @throws FileSystemFault `invalid-input` - It is empty, has a line feed, or is no regular expression. */
export function compilePattern({ text, isRegex, ignoreCase }: TextPattern): CompiledPattern {
  if (text === "") throw refusal("it is empty");
  if (text.includes("\n")) throw refusal("it has a line feed, and is looked for line by line");
  const neededBytes = isRegex || ignoreCase ? undefined : Buffer.from(text);
  const flags = ignoreCase ? "i" : "";
  if (!isRegex) return { source: text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), flags: `${flags}u`, neededBytes };
  return { source: text, flags: flagsOf(text, flags), neededBytes };
}

/** With `u` characters are whole ones; where the expression is valid only without, it is taken as it is. */
function flagsOf(source: string, flags: string): string {
  try {
    new RegExp(source, `${flags}u`);
    return `${flags}u`;
  } catch {
    try {
      new RegExp(source, flags);
      return flags;
    } catch (thrown) {
      throw refusal(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
}

function refusal(why: string): FileSystemFault {
  return new FileSystemFault("invalid-input", `\`pattern\` can not be used: ${why}`);
}
