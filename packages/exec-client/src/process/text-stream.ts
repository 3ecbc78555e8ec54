import { streamFinalizer } from "../stream-finalizer.ts";
import type { OutputStream, ProcessEvent } from "./events.ts";
import type { HoldingCursor } from "./holding-cursor.ts";
import { StreamDecoders } from "./stream-decoders.ts";

/** As `outputStream`, in pieces of text: each stream is decoded by itself, so that the other one cuts no character. */
export function textStream(
  subscribe: (wants: (event: ProcessEvent) => boolean) => HoldingCursor,
  streams: readonly OutputStream[],
): ReadableStream<string> {
  const cursor = subscribe((event) => event.type === "output" && streams.includes(event.stream));
  const decoders = new StreamDecoders();
  const stream = new ReadableStream<string>(
    {
      async pull(controller) {
        // A piece may be nothing but the beginning of a character.
        for (let event = await cursor.next(); event !== undefined; event = await cursor.next()) {
          if (event.type !== "output") continue;
          const text = decoders.decode(event);
          if (text === "") continue;
          controller.enqueue(text);
          return;
        }
        for (const rest of decoders.end()) controller.enqueue(rest);
        controller.close();
      },
      cancel: () => cursor.close(),
    },
    { highWaterMark: 0 },
  );
  streamFinalizer.register(stream, () => cursor.close());
  return stream;
}
