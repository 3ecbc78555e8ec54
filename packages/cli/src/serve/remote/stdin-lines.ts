import type { Context } from "../../command-line/context.ts";

/** Of one line, bytes. */
export const MAX_LINE_BYTES = 16_384;

const NEWLINE = 0x0a;

/** What comes of stdin. */
export interface LineReceiver {
  /** Without its end. `undefined`: it was longer than a line may be, and is dropped. */
  line(text: string | undefined): void;
  /** What came behind the last newline is no line. */
  ended(): void;
}

/** Read the lines of stdin, which are short, as they come. @returns what stops it. */
export function readLines(stdin: Context["stdin"], receiver: LineReceiver): () => void {
  let kept: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  let isOver = false;
  const onData = (chunk: Buffer): void => {
    let rest: Buffer = chunk;
    for (let end = rest.indexOf(NEWLINE); end !== -1 && !isOver; end = rest.indexOf(NEWLINE)) {
      keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const text = isTooLong ? undefined : kept.toString();
      kept = Buffer.alloc(0);
      isTooLong = false;
      receiver.line(text);
    }
    if (!isOver) keep(rest);
  };
  const keep = (bytes: Buffer): void => {
    isTooLong ||= kept.length + bytes.length > MAX_LINE_BYTES;
    kept = isTooLong ? Buffer.alloc(0) : Buffer.concat([kept, bytes]);
  };
  const onEnd = (): void => {
    if (isOver) return;
    stop();
    receiver.ended();
  };
  const stop = (): void => {
    isOver = true;
    kept = Buffer.alloc(0);
    stdin.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
    // What comes after is nobody's, and does not keep the program.
    stdin.on("error", () => {}).pause();
    stdin.unref?.();
  };
  stdin.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
  return stop;
}
