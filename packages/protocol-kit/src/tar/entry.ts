/** What an entry of an archive is. `other`: a device, a pipe, or something that this project does not know. */
export type TarEntryKind = "file" | "folder" | "link" | "hard-link" | "other";

/** One entry of a tar archive. Names are bytes: they need not be UTF-8. */
export interface TarEntry {
  readonly kind: TarEntryKind;
  /** As it stands in the archive, without slashes at its end. What the other side sent is a claim: check it before it is a path. */
  readonly path: Uint8Array;
  /** What a symbolic link says, or the entry that a hard link is another name of; empty for anything else. */
  readonly target: Uint8Array;
  /** Bytes of content that follow. */
  readonly size: number;
  /** Permission bits, with set-id and sticky: 0 to 0o7777. */
  readonly mode: number;
  /** Whole seconds since 1970 of the last modification, rounded down. */
  readonly modifiedSeconds: number;
  /** The rest of it: 0 to 999,999,999. */
  readonly modifiedNanoseconds: number;
}

/** An archive consists of records of this size. */
export const TAR_RECORD_BYTES = 512;

const SPACE = 0x20;

/** Bytes of zeros that follow the content of an entry. */
export function tarPadding(size: number): number {
  const over = size % TAR_RECORD_BYTES;
  return over === 0 ? 0 : TAR_RECORD_BYTES - over;
}

/** Bytes that lie at the same place in the header of every entry. */
export const TAR_FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  target: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

/** What the checksum of a header says: the sum of its bytes, with spaces for the checksum itself. */
export function tarChecksum(head: Uint8Array): number {
  const [at, length] = TAR_FIELDS.checksum;
  let sum = length * SPACE;
  // By index: an iterator takes ten times as long, and this is most of what an entry costs.
  for (let index = 0; index < at; index += 1) sum += head[index] ?? 0;
  for (let index = at + length; index < TAR_RECORD_BYTES; index += 1) sum += head[index] ?? 0;
  return sum;
}
