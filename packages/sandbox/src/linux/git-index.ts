import { Buffer } from "node:buffer";

const SIGNATURE = "DIRC";
const HEADER_BYTES = 12;
/** Of an entry before the name of its object. */
const MODE_AT = 24;
const OBJECT_AT = 40;
const SHA1_BYTES = 20;
const SHA256_BYTES = 32;
const EXTENDED = 0x4000;
/** Entries of versions 2 and 3 are filled up with NULs, one to eight of them. */
const ALIGNMENT = 8;
const GITLINK = 0o160000;
const GITLINK_BYTES = Buffer.of(0, 0, 0xe0, 0);

/**
 * Where the submodules of a repository are, by its index: paths below the working tree as they are written, of those that can
 * be read as text.
 *
 * @param index - Of version 2, 3 or 4. Anything else has none.
 */
export function gitlinksOf(index: Uint8Array): string[] {
  const bytes = Buffer.from(index.buffer, index.byteOffset, index.byteLength);
  if (bytes.length < HEADER_BYTES || bytes.toString("latin1", 0, 4) !== SIGNATURE) return [];
  // Nearly every index: a look costs a hundredth of reading entry by entry.
  if (!bytes.includes(GITLINK_BYTES, HEADER_BYTES)) return [];
  const asSha1 = read(bytes, SHA1_BYTES);
  return (asSha1 ?? read(bytes, SHA256_BYTES) ?? []).filter((path) => !path.includes("\uFFFD"));
}

/** `undefined`: the entries do not fit into the file, so its objects have names of another length. */
function read(bytes: Buffer, objectBytes: number): string[] | undefined {
  const [version, count] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
  const end = bytes.length - objectBytes;
  const links: string[] = [];
  let at = HEADER_BYTES;
  let name: Buffer = Buffer.alloc(0);
  for (let left = count; left > 0; left -= 1) {
    const flagsAt = at + OBJECT_AT + objectBytes;
    if (flagsAt + 4 > end) return undefined;
    const isExtended = (bytes.readUInt16BE(flagsAt) & EXTENDED) !== 0;
    const nameAt = flagsAt + (isExtended ? 4 : 2);
    const isPacked = version === 4;
    const prefix = isPacked ? packedNumber(bytes, nameAt) : { value: 0, next: nameAt };
    const nameEnd = bytes.indexOf(0, prefix.next);
    if (nameEnd === -1 || nameEnd >= end || prefix.value > name.length) return undefined;
    const rest = bytes.subarray(prefix.next, nameEnd);
    name = isPacked ? Buffer.concat([name.subarray(0, name.length - prefix.value), rest]) : rest;
    if (name.length === 0) return undefined;
    if (bytes.readUInt32BE(at + MODE_AT) === GITLINK) links.push(name.toString("utf8"));
    at = isPacked ? nameEnd + 1 : at + Math.ceil((nameEnd + 1 - at) / ALIGNMENT) * ALIGNMENT;
  }
  return links;
}

/** A number as git packs it: seven bits in a byte, the last one without the eighth. */
function packedNumber(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let byte = bytes[at] ?? 0;
  let value = byte & 0x7f;
  let next = at + 1;
  while ((byte & 0x80) !== 0 && next < bytes.length) {
    byte = bytes[next] ?? 0;
    value = (value + 1) * 0x80 + (byte & 0x7f);
    next += 1;
  }
  return { value, next };
}
