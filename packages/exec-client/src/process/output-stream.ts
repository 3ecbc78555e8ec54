import type { EventCursor } from "./event-cursor.ts";
import type { OutputStream } from "./events.ts";

/**
 * The output of some streams of a process as one WHATWG stream of bytes.
 *
 * It ends with `process/closed` and errors with whatever ended the events. Nothing is taken before it is asked for.
 */
export const outputStream = (
  subscribe: () => EventCursor,
  streams: readonly OutputStream[],
): ReadableStream<Uint8Array> => {
  const cursor = subscribe();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const event = await cursor.next();
          if (event === undefined) return controller.close();
          if (event.type === "output" && streams.includes(event.stream)) return controller.enqueue(event.data);
        }
      },
      cancel: () => cursor.close(),
    },
    { highWaterMark: 0 },
  );
};
