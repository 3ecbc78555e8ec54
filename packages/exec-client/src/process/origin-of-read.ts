import type { ExitedEvent } from "./events.ts";
import type { ReadResult } from "./read-result.ts";
import type { ReorderBuffer } from "./reorder-buffer.ts";

/** Where the events of a process begin that this client has not followed from its start. */
export interface ReadOrigin {
  /** Events up to this one are not to be had any more, or were not asked for. */
  readonly lastSeq: number;
  /** The exit, when it is one of them. */
  readonly exited: ExitedEvent | undefined;
}

/**
 * Tell from the first `process/read` what the executor still has.
 *
 * An exit carries no number in a read. When none is left for it behind the oldest event, it was before that: it stands
 * for the last of the events that are gone, whose positions can not be told apart.
 */
export function originOfRead(
  result: ReadResult,
  { afterSeq, parked }: { readonly afterSeq: number; readonly parked: ReorderBuffer },
): ReadOrigin {
  const throughSeq = result.nextSeq - 1;
  const known = new Set<number>([...parked.seqs].filter((seq) => seq <= throughSeq));
  for (const { seq } of result.chunks) known.add(seq);
  if (result.closed) known.add(throughSeq);
  // The close itself may be among what was not asked for; it is told in any case.
  const isPastClose = result.closed && afterSeq >= throughSeq;
  const floorSeq = isPastClose ? throughSeq - 1 : afterSeq;
  const later = [...known].filter((seq) => seq > floorSeq);
  const firstSeq = later.reduce((lowest, seq) => Math.min(lowest, seq), throughSeq + 1);
  const lastSeq = firstSeq - 1;
  const isExitToCome = !result.exited || parked.find("exited") !== undefined || later.length < throughSeq - lastSeq;
  if (isExitToCome || lastSeq === 0) return { lastSeq, exited: undefined };
  const { exitCode, sandboxDenied } = result;
  const exited = {
    type: "exited",
    seq: lastSeq,
    exitCode: exitCode ?? -1,
    sandboxDenied: sandboxDenied ?? false,
  } as const;
  return { lastSeq, exited };
}
