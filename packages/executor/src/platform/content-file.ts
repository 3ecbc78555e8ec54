import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lazily } from "./c-library.ts";

const MFD_CLOEXEC = 1;

const functions = lazily((library) => ({
  memfdCreate: library.func("int memfd_create(const char *name, unsigned int flags)"),
}));

/**
 * A nameless file with the given content, open for reading at its start, close-on-exec. In memory where the system can. On
 * Linux it can also be run, which requires that it can not be written to.
 *
 * @returns the descriptor, which the caller closes.
 * @throws the operating system's error with its `code`.
 */
export function openContent(content: Uint8Array): number {
  const fd = functions()?.memfdCreate("holdfast", MFD_CLOEXEC) ?? -1;
  const written = fill(fd >= 0 ? fd : openUnlinked(), content);
  if (process.platform !== "linux") return written;
  try {
    return openSync(`/proc/self/fd/${written}`, constants.O_RDONLY);
  } finally {
    closeSync(written);
  }
}

function fill(fd: number, content: Uint8Array): number {
  try {
    // Written by position, so that the reader begins at the start.
    for (let done = 0; done < content.length; ) done += writeSync(fd, content, done, content.length - done, done);
    return fd;
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

function openUnlinked(): number {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-"));
  try {
    return openSync(join(folder, "content"), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o700);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
