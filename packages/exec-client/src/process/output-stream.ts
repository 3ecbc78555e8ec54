import { streamFinalizer } from "../stream-finalizer.ts";
import type { OutputStream, ProcessEvent } from "./events.ts";
import type { HoldingCursor } from "./holding-cursor.ts";

/**
 * The output of some streams of a process as one WHATWG stream of bytes.
 *
 * It ends with `process/closed` and errors with the error that ended the events. Nothing is taken before it is asked for, and what
 * is not taken holds the process back. A stream that is dropped holds it no longer.
 */
export function outputStream(
  subscribe: (wants: (event: ProcessEvent) => boolean) => HoldingCursor,
  streams: readonly OutputStream[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cursor = subscribe((event) => event.type === "output" && streams.includes(event.stream));
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const event = await cursor.next();
        if (event === undefined) controller.close();
        else if (event.type === "output") controller.enqueue(event.data);
      },
      cancel: () => cursor.close(),
    },
    { highWaterMark: 0 },
  );
  streamFinalizer.register(stream, () => cursor.close());
  return stream;
}
