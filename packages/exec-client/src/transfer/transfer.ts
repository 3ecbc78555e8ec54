import type { Executor } from "../executor.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Comparison } from "./options.ts";
import type { Problems } from "./problems.ts";
import type { FilterOptions } from "./tree-filter.ts";

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
  readonly filter: FilterOptions;
  readonly compare: Comparison;
  /** Whether what an earlier transfer of the same folder left is taken up, and this one leaves something to be taken up. */
  readonly isResumable: boolean;
  /** Whether what the source does not have is removed from the destination. */
  readonly isMirror: boolean;
  /** Call once the size is known. */
  readonly progress: (name: string, totalBytes: number | undefined) => Progress;
}

/** The bits of a file's mode that a copy takes along. */
export const PERMISSION_BITS = 0o777;

/** Bytes moved at a time; the most that the wire carries in one block. */
export const BLOCK_BYTES = 1024 * 1024;
