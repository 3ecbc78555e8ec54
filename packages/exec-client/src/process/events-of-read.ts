import { asUint8Array } from "../as-uint8-array.ts";
import type { ReadResult } from "./read-result.ts";
import type { IncomingEvent, ReorderBuffer } from "./reorder-buffer.ts";

/** What is known before the read is looked at. */
interface Known {
  readonly lastSeq: number;
  /** Where the exit was published, if it was. */
  readonly exitSeq: number | undefined;
  readonly parked: ReorderBuffer;
}

type EventsOfRead =
  | { readonly kind: "events"; readonly events: readonly IncomingEvent[] }
  | { readonly kind: "contradiction"; readonly reason: string };

/**
 * The events after `lastSeq` that an answer to `process/read` proves, in order.
 *
 * Output carries its numbers. A close is the last number there is. An exit carries none: it is the one that is left.
 */
export function eventsOfRead(result: ReadResult, known: Known): EventsOfRead {
  const throughSeq = result.nextSeq - 1;
  const events = new Map<number, IncomingEvent>();
  for (const chunk of result.chunks) {
    if (chunk.seq > throughSeq)
      return contradiction(`a read returned output ${chunk.seq}, past its own end ${throughSeq}`);
    if (chunk.seq <= known.lastSeq) continue;
    events.set(chunk.seq, {
      type: "output",
      seq: chunk.seq,
      stream: chunk.stream,
      data: asUint8Array(chunk.chunk),
    });
  }
  if (result.closed && throughSeq > known.lastSeq) {
    if (events.has(throughSeq)) return contradiction(`a read puts both output and the close at ${throughSeq}`);
    events.set(throughSeq, { type: "closed", seq: throughSeq });
  }
  const exitSeq = result.exited ? missingExit(events, throughSeq, known) : undefined;
  if (exitSeq !== undefined) {
    const { exitCode, sandboxDenied } = result;
    events.set(exitSeq, {
      type: "exited",
      seq: exitSeq,
      exitCode: exitCode ?? -1,
      sandboxDenied: sandboxDenied ?? false,
    });
  }
  return { kind: "events", events: [...events.values()].sort((a, b) => a.seq - b.seq) };
}

/** The number of an exit that was not heard of: the only one in range that nothing else claims. */
function missingExit(events: ReadonlyMap<number, IncomingEvent>, throughSeq: number, known: Known): number | undefined {
  const { lastSeq, exitSeq, parked } = known;
  if (exitSeq !== undefined || parked.find("exited") !== undefined) return undefined;
  const claimed = events.size + parked.countBetween(lastSeq + 1, throughSeq, new Set(events.keys()));
  if (throughSeq - lastSeq - claimed !== 1) return undefined;
  let seq = lastSeq + 1;
  while (events.has(seq) || parked.peek(seq) !== undefined) seq += 1;
  return seq;
}

function contradiction(reason: string): EventsOfRead {
  return { kind: "contradiction", reason };
}
