import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { IncomingEvent } from "../process/reorder-buffer.ts";

/** Sends a notice to a client. */
export type Tell = (method: string, params: unknown) => void;

/** Tell of something that happened to a process, as executors do. */
export function tellEvent(tell: Tell, processId: string, event: IncomingEvent): void {
  const { seq } = event;
  if (event.type === "output") {
    tell("process/output", { processId, seq, stream: event.stream, chunk: new Base64Bytes(event.data) });
  } else if (event.type === "closed") tell("process/closed", { processId, seq });
  else {
    const { exitCode, sandboxDenied } = event;
    tell("process/exited", { processId, seq, exitCode, ...(sandboxDenied === undefined ? {} : { sandboxDenied }) });
  }
}
