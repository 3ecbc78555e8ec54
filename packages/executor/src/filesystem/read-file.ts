import { invalidInput, withFaults } from "./fault.ts";
import { MAX_READ_FILE_BYTES, TRANSFER_CHUNK_BYTES } from "./limits.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { openRegularFile } from "./regular-file.ts";

/** How to read a whole file. */
export interface ReadFileOptions {
  /** Default true. False refuses a link anywhere in the path. */
  readonly followSymlinks?: boolean;
  readonly signal?: AbortSignal;
  /** Most bytes to answer; default 536,870,912. */
  readonly maxBytes?: number;
}

/**
 * Read a whole regular file: what is there until the end is met, also when the file grows or shrinks meanwhile.
 *
 * @throws FileSystemFault `invalid-input` - not a regular file, or larger than `maxBytes`.
 * @throws FileSystemFault `not-found`, `permission-denied`, `other` - as the system says.
 */
export function readFile(path: Buffer, options: ReadFileOptions = {}, calls: OsCalls = systemCalls): Promise<Buffer> {
  const { followSymlinks = true, signal, maxBytes = MAX_READ_FILE_BYTES } = options;
  return withFaults(async () => {
    const { fd, stats } = await openRegularFile(calls, checkedPath(path), { followSymlinks });
    try {
      if (stats.size > BigInt(maxBytes)) throw tooLarge(maxBytes);
      return await readToEnd(calls, fd, { sizeHint: Number(stats.size), maxBytes, signal });
    } finally {
      await calls.close(fd);
    }
  }, signal);
}

function tooLarge(maxBytes: number) {
  return invalidInput(`file is too large to read: limit is ${maxBytes} bytes`);
}

async function readToEnd(
  calls: OsCalls,
  fd: number,
  options: { sizeHint: number; maxBytes: number; signal: AbortSignal | undefined },
): Promise<Buffer> {
  // One byte more than expected, so that the end of an unchanged file is met without growing the buffer.
  let content: Buffer = Buffer.allocUnsafeSlow(options.sizeHint + 1);
  let length = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    if (length === content.length) content = grown(content, options.maxBytes);
    const wanted = Math.min(content.length - length, TRANSFER_CHUNK_BYTES);
    const count = await calls.read(fd, content, length, wanted, length);
    length += count;
    if (length > options.maxBytes) throw tooLarge(options.maxBytes);
    // Less than asked for, at or behind the end that was known, is the end; a size of 0 is no knowledge (`/proc`).
    const isEnd = count < wanted && length >= options.sizeHint && options.sizeHint > 0;
    if (count === 0 || isEnd) return content.subarray(0, length);
  }
}

const SMALLEST_GROWTH_BYTES = 16 * 1024;

function grown(content: Buffer, maxBytes: number): Buffer {
  const size = Math.min(Math.max(content.length * 2, SMALLEST_GROWTH_BYTES), maxBytes + 1);
  const larger = Buffer.allocUnsafeSlow(Math.max(size, content.length + 1));
  content.copy(larger);
  return larger;
}
