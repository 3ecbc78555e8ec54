import type { Executor } from "../executor.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Problems } from "./problems.ts";

/** Told how far a copy has come. */
export interface Progress extends Disposable {
  advance(bytes: number): void;
}

/** One copy and what it needs. */
export interface Transfer {
  readonly executor: Executor;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Local folder that relative local paths start at. */
  readonly cwd: string;
  /** Aborted when the user wants it to end. */
  readonly signal: AbortSignal;
  readonly problems: Problems;
  /** Call once the size is known. */
  readonly progress: (name: string, totalBytes: number) => Progress;
}

/** The bits of a file's mode that a copy takes along. */
export const PERMISSION_BITS = 0o777;

/** Bytes moved at a time; the most that the wire carries in one block. */
export const BLOCK_BYTES = 1024 * 1024;
