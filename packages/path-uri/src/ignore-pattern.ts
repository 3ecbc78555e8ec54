import { readIgnoreClass } from "./ignore-class.ts";

const SLASH = 0x2f;
const STAR = 0x2a;
const QUESTION = 0x3f;
const OPENING = 0x5b;
const BACKSLASH = 0x5c;

/** What a place in a pattern takes. The numbers below {@link ANY} are bytes that stand for themselves. */
const ANY = 256;
/** Any bytes of one name. */
const WITHIN_NAME = 257;
/** Any bytes. */
const ACROSS_NAMES = 258;
/** Of two slashed stars: nothing, */
const NO_FOLDERS = 259;
/** or any bytes up to a slash. */
const FOLDERS = 260;
/** Nothing: what is after the last place. */
const END = 261;
/** Classes have the numbers from here on. */
const CLASS = 512;

/** Places that the bytes so far lead to. Empty: nothing that follows can match. */
export type IgnorePlaces = Uint16Array;

/** Where one pattern at a time is while it looks at bytes. Patterns are many, and this would be most of the memory of each. */
const desk = {
  places: new Uint16Array(64),
  next: new Uint16Array(64),
  nextCount: 0,
  /** The last byte that led to each place, so that none is there twice. */
  seen: new Float64Array(64),
  /** Of all bytes that any pattern has looked at. */
  byteNumber: 0,
};

function makeRoom(places: number): void {
  if (desk.seen.length >= places) return;
  desk.places = new Uint16Array(places);
  desk.next = new Uint16Array(places);
  desk.seen = new Float64Array(places);
}

/**
 * A pattern with wildcards, as a machine that is at several places at once. Each byte of a path is looked at once, at each place at
 * most once: no pattern takes more steps than it has places, times the bytes of the path.
 */
export class IgnorePattern {
  /** Before the first byte. */
  readonly start: IgnorePlaces;
  readonly #takes: Uint16Array;
  readonly #classes: readonly Uint8Array[];
  #steps = 0;

  /**
   * @param takes - For each place what it takes.
   * @param classes - For the numbers from {@link CLASS} on.
   */
  private constructor(takes: readonly number[], classes: readonly Uint8Array[]) {
    this.#takes = Uint16Array.from(takes);
    this.#classes = classes;
    makeRoom(takes.length + 1);
    desk.byteNumber += 1;
    desk.nextCount = 0;
    this.#enter(0);
    this.start = desk.next.slice(0, desk.nextCount);
  }

  /** @returns undefined where it can't match anything: a bracket that never closes, or a `\` at the end. */
  static compile(pattern: Uint8Array): IgnorePattern | undefined {
    const takes: number[] = [];
    const classes: Uint8Array[] = [];
    // Two stars right after what has no wildcard count as after a slash: git looks at what follows alone.
    const wildcard = pattern.findIndex(isSpecial);
    for (let at = 0; at < pattern.length; at += 1) {
      const byte = pattern[at] ?? 0;
      if (byte === STAR) {
        const first = at;
        while (pattern[at + 1] === STAR) at += 1;
        const isBounded =
          at > first && (first === wildcard || pattern[first - 1] === SLASH) && isEndOfName(pattern, at + 1);
        if (isBounded && pattern[at + 1] === SLASH) {
          takes.push(NO_FOLDERS, FOLDERS);
          at += 1;
        } else takes.push(isBounded ? ACROSS_NAMES : WITHIN_NAME);
      } else if (byte === QUESTION) {
        takes.push(ANY);
      } else if (byte === OPENING) {
        const set = readIgnoreClass(pattern, at + 1);
        if (set === undefined) return undefined;
        takes.push(CLASS + classes.length);
        classes.push(set.has);
        at = set.end - 1;
      } else {
        if (byte === BACKSLASH) at += 1;
        const meant = pattern[at];
        if (meant === undefined) return undefined;
        takes.push(meant);
      }
    }
    return new IgnorePattern(takes, classes);
  }

  /** Steps taken so far, for who wants to know what a pattern costs: looks at one byte at one place. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether all bytes of a name, or of the rest of a path, are what the pattern still wants. */
  matches(bytes: Uint8Array, from: IgnorePlaces = this.start): boolean {
    // Most names are told by their last byte, and by their first.
    const last = bytes.length - 1;
    if (!this.#mayTake(this.#takes.length - 1, bytes[last])) return false;
    if (from === this.start && !this.#mayTake(0, bytes[0])) return false;
    return this.#run(from, bytes).includes(this.#takes.length);
  }

  /** Where some more bytes lead to. */
  advance(from: IgnorePlaces, bytes: Uint8Array): IgnorePlaces {
    return this.#run(from, bytes).slice();
  }

  /** Whether a byte may be what a place takes; a star may take none. */
  #mayTake(at: number, byte: number | undefined): boolean {
    const take = this.#takes[at] ?? ANY;
    if (take < ANY) return take === byte;
    return take < CLASS || byte === undefined || this.#classes[take - CLASS]?.[byte] === 1;
  }

  /** Good until the next call of any pattern. */
  #run(from: IgnorePlaces, bytes: Uint8Array): IgnorePlaces {
    const takes = this.#takes;
    let places = desk.places;
    let count = from.length;
    places.set(from);
    for (const byte of bytes) {
      if (count === 0) break;
      desk.byteNumber += 1;
      desk.nextCount = 0;
      const isSlash = byte === SLASH;
      for (let index = 0; index < count; index += 1) {
        const at = places[index] ?? 0;
        // The end takes nothing.
        const take = takes[at] ?? END;
        if (take < ANY) {
          if (take === byte) this.#enter(at + 1);
        } else if (take === WITHIN_NAME) {
          if (!isSlash) this.#enter(at);
        } else if (take === ANY) {
          if (!isSlash) this.#enter(at + 1);
        } else if (take === ACROSS_NAMES) {
          this.#enter(at);
        } else if (take === FOLDERS) {
          this.#enter(at);
          if (isSlash) this.#enter(at + 1);
        } else if (this.#classes[take - CLASS]?.[byte] === 1) {
          this.#enter(at + 1);
        }
      }
      this.#steps += count;
      count = desk.nextCount;
      places = desk.next;
      desk.next = desk.places;
      desk.places = places;
    }
    return places.subarray(0, count);
  }

  /** Be at a place next, and at those behind it that no byte is needed for. */
  #enter(first: number): void {
    for (let at = first; this.#add(at); at += 1) {
      const take = this.#takes[at];
      if (take === NO_FOLDERS) {
        at += 1;
        this.#add(at);
      } else if (take !== WITHIN_NAME && take !== ACROSS_NAMES) return;
    }
  }

  /** @returns false where it is there already. */
  #add(at: number): boolean {
    if (desk.seen[at] === desk.byteNumber) return false;
    desk.seen[at] = desk.byteNumber;
    desk.next[desk.nextCount] = at;
    desk.nextCount += 1;
    return true;
  }
}

/** Whether a byte is more than itself. */
export function isSpecial(byte: number): boolean {
  return byte === STAR || byte === QUESTION || byte === OPENING || byte === BACKSLASH;
}

function isEndOfName(pattern: Uint8Array, at: number): boolean {
  const byte = pattern[at];
  return byte === undefined || byte === SLASH || (byte === BACKSLASH && pattern[at + 1] === SLASH);
}
