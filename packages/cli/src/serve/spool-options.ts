import { resolve } from "node:path";
import { MIN_SPOOL_BYTES, type SpoolOptions } from "@holdfast/executor";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { byteCount } from "./byte-count.ts";

const DEFAULT_LIMIT = "1G";

/**
 * Where output is spooled and how much of it, from `--spool` and `--spool-limit`; nowhere when both are absent.
 *
 * @param place - Its `cwd` is what a relative folder is relative to.
 * @throws UsageError for a limit without a folder, an empty name, or a limit that is no number of bytes from 1 MiB on.
 */
export function spoolOptions(
  directory: string | undefined,
  limit: string | undefined,
  place: Pick<Context, "cwd">,
): SpoolOptions | undefined {
  if (directory === undefined) {
    if (limit === undefined) return undefined;
    throw new UsageError("--spool-limit says how much to spool, but nothing where: add --spool DIR");
  }
  if (directory === "") throw new UsageError("--spool must name a folder");
  return { directory: resolve(place.cwd, directory), maxBytesPerProcess: spoolBytes(limit ?? DEFAULT_LIMIT) };
}

function spoolBytes(text: string): number {
  const bytes = byteCount(text);
  if (bytes >= MIN_SPOOL_BYTES && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new UsageError(
    `--spool-limit must be a number of bytes from ${MIN_SPOOL_BYTES} on, or one with K, M or G behind it, not '${text}'`,
  );
}
