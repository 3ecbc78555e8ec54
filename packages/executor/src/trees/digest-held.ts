import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { HoldfastFileDigest } from "@holdfast/exec-server-protocol";
import { invalidInput, toFault } from "../filesystem/fault.ts";
import { HeldChain } from "./held-chain.ts";
import { DIGEST_READ_BYTES, DIGEST_STRETCH_MS } from "./limits.ts";

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A part of a file. */
export interface FileRange {
  /** From the root. */
  readonly name: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/**
 * The digests of parts of files in a held folder: of the first, and of as many more as time allows.
 *
 * @param root - Names the held folder for any call.
 * @param nowMs - A clock that never goes back.
 */
export function digestHeld(root: Buffer, ranges: readonly FileRange[], nowMs: () => number): HoldfastFileDigest[] {
  const chain = new HeldChain(root, { makesMissing: false });
  const memory = Buffer.allocUnsafe(DIGEST_READ_BYTES);
  const end = nowMs() + DIGEST_STRETCH_MS;
  const digests: HoldfastFileDigest[] = [];
  try {
    for (const range of ranges) {
      if (digests.length > 0 && nowMs() >= end) break;
      try {
        digests.push(digestOf(chain.entry(Buffer.from(range.name)), range, memory));
      } catch (thrown) {
        digests.push({ sha256: null, length: 0, message: toFault(thrown).message });
      }
    }
  } finally {
    chain.close();
  }
  return digests;
}

function digestOf(path: Buffer, { offset, length }: FileRange, memory: Buffer): HoldfastFileDigest {
  const fd = openSync(path, FLAGS);
  try {
    if (!fstatSync(fd).isFile()) throw invalidInput("path is not a regular file");
    const hash = createHash("sha256");
    let done = 0;
    while (done < length) {
      const count = readSync(fd, memory, 0, Math.min(memory.length, length - done), offset + done);
      if (count === 0) break;
      hash.update(memory.subarray(0, count));
      done += count;
    }
    return { sha256: hash.digest("hex"), length: done };
  } finally {
    closeSync(fd);
  }
}
