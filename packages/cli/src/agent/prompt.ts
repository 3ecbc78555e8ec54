import type { Readable } from "node:stream";
import { CommandFailure, UsageError } from "../command-line/failure.ts";

/** Bytes of a task that is read from stdin. More is no task, and fits into no model. */
const PROMPT_MAX_BYTES = 2 ** 24;

/** What to do: the words, or, without them or with `-`, what stdin says. @throws UsageError, CommandFailure - There is nothing, or too much. */
export async function promptOf(words: string | undefined, stdin: () => Readable): Promise<string> {
  if (words !== undefined && words !== "-") return words;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin()) {
    const piece = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
    bytes += piece.length;
    if (bytes > PROMPT_MAX_BYTES) throw new CommandFailure(`the task on stdin has more than ${PROMPT_MAX_BYTES} bytes`);
    chunks.push(piece);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") throw new UsageError("there is no task: give it as an argument, or on stdin");
  return text;
}
