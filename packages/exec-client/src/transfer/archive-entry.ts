import type { TarEntry } from "@holdfast/protocol-kit/tar";
import type { TreeEntry } from "./tree-entry.ts";

const NANOSECONDS = 1_000_000_000n;
const NANOSECONDS_PER_SECOND = 1e9;
const NO_TARGET = new Uint8Array(0);
const ITSELF = Buffer.from(".");
/** What an entry gets whose mode is not known. */
const USUAL_MODE = { folder: 0o755, file: 0o644, link: 0o777 };

/** The header of something in a tree. @param size - Bytes that will follow. @param original - Of another name of the same file. */
export function archiveEntry(
  { path, kind, mode, target, modifiedNs = 0n }: TreeEntry & { readonly kind: "folder" | "file" | "link" },
  { size = 0, original }: { readonly size?: number; readonly original?: Buffer | undefined } = {},
): TarEntry {
  const seconds = modifiedNs / NANOSECONDS - (modifiedNs % NANOSECONDS < 0n ? 1n : 0n);
  return {
    kind: original === undefined ? kind : "hard-link",
    path: path.byteLength === 0 ? ITSELF : path,
    target: original ?? target ?? NO_TARGET,
    size,
    mode: mode ?? USUAL_MODE[kind],
    modifiedSeconds: Number(seconds),
    modifiedNanoseconds: Number(modifiedNs - seconds * NANOSECONDS),
  };
}

/** The time of an entry in nanoseconds since 1970. */
export function modifiedNsOf({ modifiedSeconds, modifiedNanoseconds }: TarEntry): bigint {
  return BigInt(modifiedSeconds) * NANOSECONDS + BigInt(modifiedNanoseconds);
}

/** As the calls take it. Nanoseconds of today do not fit into it as a whole: what is lost is less than a microsecond. */
export function secondsOf(nanoseconds: bigint): number {
  return Number(nanoseconds) / NANOSECONDS_PER_SECOND;
}
