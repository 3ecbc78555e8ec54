import type { OutputEvent, OutputStream } from "./events.ts";

/** Decodes the UTF-8 of each output stream by itself. */
export class StreamDecoders {
  readonly #decoders = new Map<OutputStream, ReturnType<typeof newDecoder>>();

  /** The text of a piece, without the beginning of a character that goes on in the next one. */
  decode({ stream, data }: Pick<OutputEvent, "stream" | "data">): string {
    let decoder = this.#decoders.get(stream);
    if (decoder === undefined) {
      decoder = newDecoder();
      this.#decoders.set(stream, decoder);
    }
    return decoder.decode(data, { stream: true });
  }

  /** Characters that were never finished, as U+FFFD: at most one of each stream. */
  end(): string[] {
    return [...this.#decoders.values()].map((decoder) => decoder.decode()).filter((text) => text !== "");
  }
}

function newDecoder() {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}
