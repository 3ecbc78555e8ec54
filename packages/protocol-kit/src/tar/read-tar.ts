import { TAR_FIELDS, TAR_RECORD_BYTES, type TarEntry, type TarEntryKind, tarChecksum, tarPadding } from "./entry.ts";

/** Longest pax header, or long name, that is read: paths have at most 4,096 bytes. */
export const TAR_EXTENSION_MAX_BYTES = 65_536;

/** What an archive consists of, in its order: of each entry its description, its content in pieces, and its end. */
export type TarPart =
  | { readonly kind: "entry"; readonly entry: TarEntry }
  /** A view of what was given to be read. */
  | { readonly kind: "content"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

/** What is read is no archive, or not as it should be. */
export class TarError extends Error {
  override readonly name = "TarError";
}

const KINDS: Readonly<Record<number, TarEntryKind>> = {
  0: "file",
  48: "file",
  49: "hard-link",
  50: "link",
  53: "folder",
  // A file that lies in one piece.
  55: "file",
};
const PAX = 0x78;
const GLOBAL_PAX = 0x67;
const LONG_NAME = 0x4c;
const LONG_TARGET = 0x4b;
const EXTENSIONS: readonly number[] = [PAX, GLOBAL_PAX, LONG_NAME, LONG_TARGET];
const MODES = 0o7777;
const SLASH = 0x2f;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const ZERO_DIGIT = 0x30;
const SEVEN_DIGIT = 0x37;
const BINARY_FLAG = 0x80;
const NEGATIVE = 0xff;
const NO_BYTES = new Uint8Array(0);
const DECIMAL_TIME = /^(-?)(\d{1,15})(?:\.(\d*))?$/;
const NANOSECOND_DIGITS = 9;
const NANOSECONDS = 1_000_000_000;

/** What is used of a pax header. Nothing else is kept: headers may follow each other without end. */
const PAX_KEYS: ReadonlySet<string> = new Set(["path", "linkpath", "size", "mtime"]);
/** What GNU tar says of files that it stores without their holes, in three forms. */
const SPARSE_KEYS = "GNU.sparse.";

type Extensions = Map<string, Uint8Array>;

/**
 * - `header`: a header of 512 bytes is being collected.
 * - `extension`: what follows describes the next entry.
 * - `content`: what follows is content of an entry; then zeros up to the next record.
 */
type State =
  | { readonly kind: "header" }
  | { readonly kind: "extension"; readonly type: number; readonly size: number }
  | { readonly kind: "content"; left: number; padding: number };

/**
 * Reads an archive that comes in pieces of any size: ustar, pax, and what GNU tar writes for long names and large numbers.
 * Records of zeros between entries are skipped, so that archives may follow each other.
 */
export class TarReader {
  #state: State = { kind: "header" };
  /** The part of a header or an extension that came before the rest. */
  #collected: Uint8Array[] = [];
  #collectedBytes = 0;
  #extensions: Extensions = new Map();

  /** Whether everything that was read is whole: nothing of an entry is missing. */
  get isBetweenEntries(): boolean {
    return this.#state.kind === "header" && this.#collectedBytes === 0 && this.#extensions.size === 0;
  }

  /**
   * The parts that the next piece makes whole. All of them must be taken before the next piece is read.
   *
   * @throws TarError when it is no archive.
   */
  *read(piece: Uint8Array): Generator<TarPart, void, undefined> {
    let at = 0;
    while (at < piece.length) {
      if (this.#state.kind === "content") {
        const { state, part, taken } = this.#content(piece, at);
        at += taken;
        if (part !== undefined) yield part;
        if (state === "ended") yield { kind: "end" };
        continue;
      }
      const wanted = this.#state.kind === "header" ? TAR_RECORD_BYTES : this.#state.size + tarPadding(this.#state.size);
      const taken = Math.min(wanted - this.#collectedBytes, piece.length - at);
      const bytes = this.#collect(piece.subarray(at, at + taken), wanted);
      at += taken;
      if (bytes === undefined) return;
      if (this.#state.kind === "extension") {
        this.#extend(this.#state.type, bytes.subarray(0, this.#state.size));
        this.#state = { kind: "header" };
        continue;
      }
      const entry = this.#header(bytes);
      if (entry === undefined) continue;
      yield { kind: "entry", entry };
      if (entry.size === 0) yield { kind: "end" };
      else this.#state = { kind: "content", left: entry.size, padding: tarPadding(entry.size) };
    }
  }

  #content(piece: Uint8Array, at: number): { state: "open" | "ended"; part: TarPart | undefined; taken: number } {
    const state = this.#state as Extract<State, { kind: "content" }>;
    const content = Math.min(state.left, piece.length - at);
    state.left -= content;
    const part: TarPart | undefined =
      content === 0 ? undefined : { kind: "content", bytes: piece.subarray(at, at + content) };
    const padding = Math.min(state.padding, piece.length - at - content);
    state.padding -= padding;
    const isEnd = content > 0 && state.left === 0;
    if (state.left === 0 && state.padding === 0) this.#state = { kind: "header" };
    return { state: isEnd ? "ended" : "open", part, taken: content + padding };
  }

  /** All of it once it is whole. What lies in one piece is not copied. */
  #collect(part: Uint8Array, wanted: number): Uint8Array | undefined {
    if (this.#collectedBytes === 0 && part.length === wanted) return part;
    // Its memory may be used for something else after this.
    this.#collected.push(copyOf(part));
    this.#collectedBytes += part.length;
    if (this.#collectedBytes < wanted) return undefined;
    const whole = new Uint8Array(wanted);
    let at = 0;
    for (const each of this.#collected) {
      whole.set(each, at);
      at += each.length;
    }
    this.#collected = [];
    this.#collectedBytes = 0;
    return whole;
  }

  #header(head: Uint8Array): TarEntry | undefined {
    if (head[0] === 0 && head.every((byte) => byte === 0)) return undefined;
    checkSum(head);
    const type = head[TAR_FIELDS.type[0]] ?? 0;
    const size = numberIn(head, TAR_FIELDS.size);
    if (size < 0) throw new TarError("the size of an entry is negative");
    if (EXTENSIONS.includes(type)) {
      if (size > TAR_EXTENSION_MAX_BYTES) {
        throw new TarError(`the header of an entry has ${size} bytes, at most ${TAR_EXTENSION_MAX_BYTES} are read`);
      }
      if (size > 0) this.#state = { kind: "extension", type, size };
      return undefined;
    }
    const extensions = this.#extensions;
    if (extensions.size > 0) this.#extensions = new Map();
    return entryOf(head, { type, size }, extensions);
  }

  #extend(type: number, bytes: Uint8Array): void {
    // Kept for a header that may come with another piece.
    if (type === LONG_NAME) this.#extensions.set("path", copyOf(untilZero(bytes)));
    else if (type === LONG_TARGET) this.#extensions.set("linkpath", copyOf(untilZero(bytes)));
    // What is said for all entries is the time and the like of the archive: names and sizes are those of one.
    else if (type === PAX) readPax(bytes, this.#extensions);
  }
}

function entryOf(
  head: Uint8Array,
  { type, size }: { readonly type: number; readonly size: number },
  extensions: Extensions,
): TarEntry {
  // A file without its holes, in a form of GNU tar's own: its bytes are not the content.
  const kind = extensions.has(SPARSE_KEYS) ? "other" : (KINDS[type] ?? "other");
  const raw = extensions.get("path") ?? nameIn(head);
  const path = withoutSlashes(raw);
  if (path.length === 0) throw new TarError("an entry has no name");
  const long = extensions.get("size");
  const told = long === undefined ? size : decimalIn(long);
  const isFolder = kind === "folder" || (kind === "file" && raw.at(-1) === SLASH);
  const time = timeOf(extensions.get("mtime"), head);
  return {
    kind: isFolder ? "folder" : kind,
    path: copyOf(path),
    target: kind === "link" || kind === "hard-link" ? targetOf(head, extensions) : NO_BYTES,
    // Links and folders have no content, whatever their headers say.
    size: kind === "file" || kind === "other" ? told : 0,
    mode: numberIn(head, TAR_FIELDS.mode) & MODES,
    ...time,
  };
}

function targetOf(head: Uint8Array, extensions: Extensions): Uint8Array {
  return copyOf(extensions.get("linkpath") ?? untilZero(field(head, TAR_FIELDS.target)));
}

function nameIn(head: Uint8Array): Uint8Array {
  const name = untilZero(field(head, TAR_FIELDS.name));
  const magic = field(head, TAR_FIELDS.magic);
  // GNU's own format has other things where the prefix is; it ends its magic with a space.
  const hasPrefix = magic[0] === 0x75 && magic[5] === 0;
  const prefix = hasPrefix ? untilZero(field(head, TAR_FIELDS.prefix)) : NO_BYTES;
  if (prefix.length === 0) return name;
  const joined = new Uint8Array(prefix.length + 1 + name.length);
  joined.set(prefix);
  joined[prefix.length] = SLASH;
  joined.set(name, prefix.length + 1);
  return joined;
}

function checkSum(head: Uint8Array): void {
  if (numberIn(head, TAR_FIELDS.checksum) !== tarChecksum(head))
    throw new TarError("this is no tar archive, or it is damaged");
}

/** Octal digits, or with the first bit set a number of base 256. */
function numberIn(head: Uint8Array, [at, length]: readonly [number, number]): number {
  const bytes = field(head, [at, length]);
  const first = bytes[0] ?? 0;
  if (first === BINARY_FLAG || first === NEGATIVE) return binaryIn(bytes);
  let value = 0;
  let isBegun = false;
  for (const byte of bytes) {
    if (byte >= ZERO_DIGIT && byte <= SEVEN_DIGIT) {
      value = value * 8 + (byte - ZERO_DIGIT);
      isBegun = true;
    } else if (byte === 0 || byte === SPACE) {
      if (isBegun) break;
    } else {
      throw new TarError("a number in the header of an entry is none");
    }
  }
  return value;
}

function binaryIn(bytes: Uint8Array): number {
  const isNegative = bytes[0] === NEGATIVE;
  let value = isNegative ? -1 : 0;
  for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw new TarError("a number in the header of an entry is too large");
  return value;
}

function timeOf(
  told: Uint8Array | undefined,
  head: Uint8Array,
): Pick<TarEntry, "modifiedSeconds" | "modifiedNanoseconds"> {
  if (told === undefined) {
    return { modifiedSeconds: numberIn(head, TAR_FIELDS.modified), modifiedNanoseconds: 0 };
  }
  const [, sign, whole, fraction] = DECIMAL_TIME.exec(textOf(told)) ?? [];
  if (whole === undefined) throw new TarError("the time of an entry is none");
  const seconds = Number(whole);
  const nanoseconds = Number((fraction ?? "").slice(0, NANOSECOND_DIGITS).padEnd(NANOSECOND_DIGITS, "0"));
  if (sign === "") return { modifiedSeconds: seconds, modifiedNanoseconds: nanoseconds };
  return nanoseconds === 0
    ? { modifiedSeconds: 0 - seconds, modifiedNanoseconds: 0 }
    : { modifiedSeconds: -seconds - 1, modifiedNanoseconds: NANOSECONDS - nanoseconds };
}

function readPax(bytes: Uint8Array, into: Extensions): void {
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(SPACE, at);
    const length = space === -1 ? 0 : decimalIn(bytes.subarray(at, space));
    const end = at + length;
    const equals = space === -1 ? -1 : bytes.indexOf(EQUALS, space);
    if (length === 0 || end > bytes.length || bytes[end - 1] !== NEWLINE || equals === -1 || equals >= end) {
      throw new TarError("the pax header of an entry is damaged");
    }
    const key = textOf(bytes.subarray(space + 1, equals));
    if (PAX_KEYS.has(key)) into.set(key, copyOf(bytes.subarray(equals + 1, end - 1)));
    else if (key.startsWith(SPARSE_KEYS)) into.set(SPARSE_KEYS, NO_BYTES);
    at = end;
  }
}

/** In memory of its own: the method that a buffer has for it does not copy. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function decimalIn(bytes: Uint8Array): number {
  const text = textOf(bytes);
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new TarError("a number in the header of an entry is none");
  return value;
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function field(head: Uint8Array, [at, length]: readonly [number, number]): Uint8Array {
  return head.subarray(at, at + length);
}

function untilZero(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function withoutSlashes(path: Uint8Array): Uint8Array {
  let end = path.length;
  while (end > 1 && path[end - 1] === SLASH) end -= 1;
  return path.subarray(0, end);
}
