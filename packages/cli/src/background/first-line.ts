import type { Readable } from "node:stream";
import type { Clock } from "@holdfast/rpc";

/** Certificates are among what has to be named. */
const WORDS_MAX_CHARACTERS = 1_048_576;
const WORDS_WAIT_MS = 1_000;

/** What somebody says first, its end included; empty when that does not come. */
export function firstLine(socket: Readable, clock: Clock): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const decoder = new TextDecoder();
    const settle = (text: string): void => {
      timer.cancel();
      socket.removeListener("data", onData);
      socket.pause();
      resolve(text);
    };
    const onData = (chunk: Buffer): void => {
      said += decoder.decode(chunk, { stream: true });
      if (said.endsWith("\n") || said.length > WORDS_MAX_CHARACTERS) settle(said);
    };
    const timer = clock.after(WORDS_WAIT_MS, () => settle(""));
    socket.on("data", onData);
  });
}
