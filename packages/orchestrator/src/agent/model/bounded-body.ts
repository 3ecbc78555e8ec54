import { tooLong } from "./too-long.ts";

/** How much of a body is taken. */
export interface ChunkBounds {
  readonly maxBytes: number;
  /** Called for each piece. */
  readonly onChunk: () => void;
}

/** The text of a body as it comes. @throws ModelError - It is too long. @throws unknown - It was cut. */
export async function* boundedChunks(response: Response, { maxBytes, onChunk }: ChunkBounds): AsyncGenerator<string> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of response.body) {
    onChunk();
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLong(`it has more than ${maxBytes} bytes`);
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

/** The beginning of a body, as a text; what comes of it, where it is cut. */
export async function shortBody(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk.subarray(0, maxBytes - bytes), { stream: true });
      bytes += chunk.byteLength;
      if (bytes >= maxBytes) break;
    }
  } catch {
    // The status says enough.
  }
  return text;
}
