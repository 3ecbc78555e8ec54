import { frameOf, type RejectedMessage } from "./corpus.ts";
import { WireLine, WireTimeoutError } from "./wire-line.ts";

/** What an executor did with a frame: the code it answered with, or `accepted`, `closed`, `silent`. */
export type Judgement = number | "accepted" | "closed" | "silent";

const PATIENCE_MS = 3_000;

/** Send a frame on a line of its own and see what comes back. */
export async function judge(url: string, entry: RejectedMessage): Promise<Judgement> {
  const isHandshake = entry.message?.method === "initialize";
  await using line = await WireLine.open(url, { handshake: !isHandshake });
  const before = line.received.length;
  line.sendFrame(frameOf(entry));
  try {
    const isAnswer = (message: { method?: string }): boolean => message.method === undefined;
    const answers = await line.collect((isHandshake ? 0 : 1) + 1, isAnswer, PATIENCE_MS);
    return answers.at(-1)?.error?.code ?? "accepted";
  } catch (error) {
    if (error instanceof WireTimeoutError) return "silent";
    return line.received.length > before ? "accepted" : "closed";
  }
}
