import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { asUint8Array } from "../as-uint8-array.ts";
import type { IncomingEvent } from "../process/reorder-buffer.ts";

/** Takes the events of processes. */
export type DeliverEvent = (processId: string, event: IncomingEvent) => void;

/** Hand on the process notices of a line. Throws for one it can not use. */
export function followNotices(stub: Pick<ExecServerClient, "on">, deliver: DeliverEvent): void {
  stub.on("process/output", ({ processId, seq, stream, chunk }) => {
    checkSeq(seq);
    deliver(processId, { type: "output", seq, stream, data: asUint8Array(chunk) });
  });
  stub.on("process/exited", ({ processId, seq, exitCode, sandboxDenied }) => {
    checkSeq(seq);
    if (sandboxDenied === undefined) deliver(processId, { type: "exited", seq, exitCode, sandboxDenied });
    else deliver(processId, { type: "exited", seq, exitCode, sandboxDenied });
  });
  stub.on("process/closed", ({ processId, seq }) => {
    checkSeq(seq);
    deliver(processId, { type: "closed", seq });
  });
}

/** Beyond 2^53 neighbouring numbers can not be told apart. */
function checkSeq(seq: number): void {
  if (Number.isSafeInteger(seq) && seq >= 1) return;
  throw new RangeError(`seq must be an integer from 1 to 2^53 - 1, not ${seq}`);
}
