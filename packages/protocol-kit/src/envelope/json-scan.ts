import { hasLoneSurrogate } from "./lone-surrogate.ts";

/** What one message may hold. */
export interface JsonBounds {
  /** Containers within each other; the message itself counts. */
  readonly maxDepth: number;
  /** JSON values; the message itself and every container count. */
  readonly maxValues: number;
}

/** What a scan found. */
export type ScanResult =
  | {
      readonly ok: true;
      /** Source text of the number that is the member `id` of the outermost object, if it is one. */
      readonly rawId: string | undefined;
    }
  | { readonly ok: false; readonly reason: string };

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Look over a JSON text for what a parser would pass silently: repeated members, too many values, too deep a nesting, and
 * escapes that are half a character.
 *
 * It walks the text once, builds nothing, and jumps over strings. A text that is no JSON gives any answer: parse it after.
 */
export function scanJson(text: string, bounds: JsonBounds): ScanResult {
  return new Scanner(text, bounds).run();
}

class Scanner {
  readonly #text: string;
  readonly #bounds: JsonBounds;
  readonly #hasEscapes: boolean;
  /** Where the next `\u` at or behind the current place is; the end of the text without one. */
  #nextUnicodeEscape = -1;
  #at = 0;
  #values = 0;
  /** Members seen, for each open object; undefined for an open list. */
  readonly #open: (Set<string> | undefined)[] = [];
  #rawId: string | undefined;
  #failure: string | undefined;

  constructor(text: string, bounds: JsonBounds) {
    this.#text = text;
    this.#bounds = bounds;
    this.#hasEscapes = text.includes("\\");
  }

  run(): ScanResult {
    const { length } = this.#text;
    while (this.#at < length && this.#failure === undefined) this.#step(this.#text.charCodeAt(this.#at));
    return this.#failure === undefined ? { ok: true, rawId: this.#rawId } : { ok: false, reason: this.#failure };
  }

  #step(code: number): void {
    if (code === QUOTE) this.#string();
    else if (code === OPEN_BRACE) this.#enter(new Set());
    else if (code === OPEN_BRACKET) this.#enter(undefined);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.#leave();
    else if (isBetween(code)) this.#at += 1;
    else this.#word();
  }

  #enter(members: Set<string> | undefined): void {
    this.#count();
    this.#open.push(members);
    if (this.#open.length > this.#bounds.maxDepth) this.#failure = "recursion limit exceeded";
    this.#at += 1;
  }

  #leave(): void {
    this.#open.pop();
    this.#at += 1;
  }

  #string(): void {
    const start = this.#at + 1;
    const end = this.#endOfString(start);
    this.#at = end + 1;
    if (this.#hasEscapes) this.#checkEscapes(start, end);
    const members = this.#open.at(-1);
    if (members !== undefined && this.#skipToColon()) this.#member(members, start, end);
    else this.#count();
  }

  #member(members: Set<string>, start: number, end: number): void {
    const name = this.#nameOf(start, end);
    if (members.has(name)) this.#failure = `duplicate JSON object key \`${name.slice(0, 200)}\``;
    members.add(name);
    if (name === "id" && this.#open.length === 1) this.#readId();
  }

  #readId(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
    const start = this.#at;
    while (this.#at < this.#text.length && isPartOfWord(this.#text.charCodeAt(this.#at))) this.#at += 1;
    if (this.#at === start) return;
    this.#rawId = this.#text.slice(start, this.#at);
    this.#count();
  }

  #word(): void {
    this.#count();
    this.#at += 1;
    while (this.#at < this.#text.length && isPartOfWord(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #count(): void {
    this.#values += 1;
    const { maxValues } = this.#bounds;
    if (this.#values > maxValues) this.#failure = `JSON-RPC message exceeds the limit of ${maxValues} JSON values`;
  }

  /** Where the closing quote is; the end of the text without one. */
  #endOfString(start: number): number {
    let end = this.#text.indexOf('"', start);
    while (end !== -1 && isEscaped(this.#text, start, end)) end = this.#text.indexOf('"', end + 1);
    return end === -1 ? this.#text.length : end;
  }

  #skipToColon(): boolean {
    let at = this.#at;
    while (isSpace(this.#text.charCodeAt(at))) at += 1;
    if (this.#text.charCodeAt(at) !== COLON) return false;
    this.#at = at + 1;
    return true;
  }

  #nameOf(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    if (!this.#hasEscapes || !raw.includes("\\")) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      return raw;
    }
  }

  #checkEscapes(start: number, end: number): void {
    if (this.#nextUnicodeEscape < start) {
      const next = this.#text.indexOf("\\u", start);
      this.#nextUnicodeEscape = next === -1 ? this.#text.length : next;
    }
    if (this.#nextUnicodeEscape >= end) return;
    if (hasLoneSurrogate(this.#text.slice(start, end))) this.#failure = "lone surrogate in a string escape";
  }
}

function isEscaped(text: string, start: number, quote: number): boolean {
  let at = quote - 1;
  while (at >= start && text.charCodeAt(at) === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 0;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB;
}

function isBetween(code: number): boolean {
  return code === COMMA || code === COLON || isSpace(code);
}

/** Part of a number or of `true`, `false`, `null`. */
function isPartOfWord(code: number): boolean {
  return !(
    isBetween(code) ||
    code === QUOTE ||
    code === CLOSE_BRACE ||
    code === CLOSE_BRACKET ||
    code === OPEN_BRACE ||
    code === OPEN_BRACKET
  );
}
