import { TAR_FIELDS, TAR_RECORD_BYTES, type TarEntry, type TarEntryKind, tarChecksum, tarPadding } from "./entry.ts";

const TYPES: Readonly<Record<Exclude<TarEntryKind, "other">, number>> = {
  file: 0x30,
  "hard-link": 0x31,
  link: 0x32,
  folder: 0x35,
};
const PAX_TYPE = 0x78;
const SLASH = 0x2f;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const ASCII_MAX = 0x7f;
/** The first number that eleven octal digits can't say. */
const OCTAL_LIMIT = 8 ** 11;
const MAGIC = bytesOf("ustar\u000000");
const PAX_NAME = bytesOf("././@PaxHeader");
const PRIVATE_MODE = 0o644;
const NANOSECOND_DIGITS = 9;

/** What ends an archive. */
export const TAR_END: Uint8Array<ArrayBuffer> = new Uint8Array(2 * TAR_RECORD_BYTES);

/**
 * The header of an entry, with a pax header before it where the plain one can't say all: a long name, a size from 8 GiB, a time
 * before 1970 or with a fraction of a second. `size` bytes of content and `tarPadding(size)` zeros are to follow.
 *
 * @throws RangeError for an entry of kind `other`, which no header of ours describes.
 */
export function tarHeader(entry: TarEntry): Uint8Array<ArrayBuffer> {
  if (entry.kind === "other") throw new RangeError("an archive has no entry for this kind of file");
  const path = entry.kind === "folder" ? withSlash(entry.path) : entry.path;
  const split = splitName(path);
  const records = paxRecords(entry, split === undefined ? path : undefined);
  const paxBytes = records.reduce((sum, record) => sum + record.length, 0);
  const paxTotal = paxBytes === 0 ? 0 : TAR_RECORD_BYTES + paxBytes + tarPadding(paxBytes);
  const bytes = new Uint8Array(paxTotal + TAR_RECORD_BYTES);
  if (paxBytes > 0) {
    const head = bytes.subarray(0, TAR_RECORD_BYTES);
    head.set(PAX_NAME, TAR_FIELDS.name[0]);
    writeHead(head, { type: PAX_TYPE, mode: PRIVATE_MODE, size: paxBytes, seconds: 0 });
    let at = TAR_RECORD_BYTES;
    for (const record of records) {
      bytes.set(record, at);
      at += record.length;
    }
  }
  const head = bytes.subarray(paxTotal);
  const { name, prefix } = split ?? { name: path.subarray(0, TAR_FIELDS.name[1]), prefix: undefined };
  head.set(name, TAR_FIELDS.name[0]);
  if (prefix !== undefined) head.set(prefix, TAR_FIELDS.prefix[0]);
  head.set(entry.target.subarray(0, TAR_FIELDS.target[1]), TAR_FIELDS.target[0]);
  const { mode, size, modifiedSeconds: seconds } = entry;
  writeHead(head, { type: TYPES[entry.kind], mode, size, seconds });
  return bytes;
}

interface Head {
  readonly type: number;
  readonly mode: number;
  readonly size: number;
  readonly seconds: number;
}

function writeHead(head: Uint8Array, { type, mode, size, seconds }: Head): void {
  writeOctal(head, TAR_FIELDS.mode, mode);
  writeOctal(head, TAR_FIELDS.uid, 0);
  writeOctal(head, TAR_FIELDS.gid, 0);
  writeOctal(head, TAR_FIELDS.size, size < OCTAL_LIMIT ? size : 0);
  writeOctal(head, TAR_FIELDS.modified, seconds >= 0 && seconds < OCTAL_LIMIT ? seconds : 0);
  head[TAR_FIELDS.type[0]] = type;
  head.set(MAGIC, TAR_FIELDS.magic[0]);
  const [at, length] = TAR_FIELDS.checksum;
  writeOctal(head, [at, length - 1], tarChecksum(head));
  head[at + length - 1] = SPACE;
}

/** Digits up to the last byte of the field, which is a zero byte. */
function writeOctal(head: Uint8Array, [at, length]: readonly [number, number], value: number): void {
  let rest = value;
  for (let index = at + length - 2; index >= at; index -= 1) {
    head[index] = ZERO + (rest % 8);
    rest = Math.floor(rest / 8);
  }
  head[at + length - 1] = 0;
}

/** Undefined where the two fields of a header can't hold the name. */
function splitName(
  path: Uint8Array,
): { readonly name: Uint8Array; readonly prefix: Uint8Array | undefined } | undefined {
  const [, nameMax] = TAR_FIELDS.name;
  const [, prefixMax] = TAR_FIELDS.prefix;
  if (path.length <= nameMax) return { name: path, prefix: undefined };
  // The slash between the two is not written; the last byte may be one that tells a folder.
  const slash = path.lastIndexOf(SLASH, Math.min(prefixMax, path.length - 2));
  if (slash <= 0 || path.length - slash - 1 > nameMax) return undefined;
  return { name: path.subarray(slash + 1), prefix: path.subarray(0, slash) };
}

function paxRecords(entry: TarEntry, longPath: Uint8Array | undefined): readonly Uint8Array[] {
  const { target, size, modifiedSeconds, modifiedNanoseconds } = entry;
  const longTarget = target.length > TAR_FIELDS.target[1] ? target : undefined;
  const records: Uint8Array[] = [];
  if (longPath !== undefined || longTarget !== undefined) {
    // Names in a pax record are UTF-8 unless the archive says that they are just bytes.
    const areText = [longPath, longTarget].every((name) => name === undefined || isText(name));
    if (!areText) records.push(paxRecord("hdrcharset", bytesOf("BINARY")));
    if (longPath !== undefined) records.push(paxRecord("path", longPath));
    if (longTarget !== undefined) records.push(paxRecord("linkpath", longTarget));
  }
  if (size >= OCTAL_LIMIT) records.push(paxRecord("size", bytesOf(`${size}`)));
  if (modifiedNanoseconds !== 0 || modifiedSeconds < 0 || modifiedSeconds >= OCTAL_LIMIT) {
    records.push(paxRecord("mtime", bytesOf(decimalTime(modifiedSeconds, modifiedNanoseconds))));
  }
  return records;
}

/** `length key=value`, where the length counts its own digits. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = 1 + key.length + 1 + value.length + 1;
  let length = rest + `${rest}`.length;
  if (rest + `${length}`.length !== length) length = rest + `${length}`.length;
  const head = bytesOf(`${length} ${key}=`);
  const record = new Uint8Array(length);
  record.set(head);
  record.set(value, head.length);
  record[length - 1] = NEWLINE;
  return record;
}

/** `seconds` is rounded down, so that a time before 1970 has to be turned round. */
function decimalTime(seconds: number, nanoseconds: number): string {
  const digits = (count: number) => `${count}`.padStart(NANOSECOND_DIGITS, "0");
  if (seconds >= 0) return nanoseconds === 0 ? `${seconds}` : `${seconds}.${digits(nanoseconds)}`;
  if (nanoseconds === 0) return `${seconds}`;
  return `-${-seconds - 1}.${digits(10 ** NANOSECOND_DIGITS - nanoseconds)}`;
}

function withSlash(path: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(path.length + 1);
  bytes.set(path);
  bytes[path.length] = SLASH;
  return bytes;
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.every((byte) => byte <= ASCII_MAX)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Of a text that is ASCII. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
