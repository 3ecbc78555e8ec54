import { peekStreamId } from "@holdfast/relay-protocol";

/** Characters of the id of a stream. Those of Codex have 36. */
const MAX_STREAM_ID_LENGTH = 256;

/** What the relay looks at, or undefined for what is no frame, or has an id that nobody should keep. */
export function frameHead(bytes: Uint8Array): ReturnType<typeof peekStreamId> | undefined {
  try {
    const head = peekStreamId(bytes);
    return head.streamId.length > MAX_STREAM_ID_LENGTH ? undefined : head;
  } catch {
    return undefined;
  }
}
