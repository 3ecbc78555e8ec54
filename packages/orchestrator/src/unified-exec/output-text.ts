import type { RetainedBytes } from "./head-tail-buffer.ts";
import { OUTPUT_MAX_TOKENS, OUTPUT_TOKENS, TOKEN_BYTES } from "./limits.ts";
import { boundaryAfter, boundaryBefore, unfinishedBytes } from "./utf8-boundaries.ts";

const LINE_FEED = 0x0a;
/** For whole texts only, between which it keeps nothing. */
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Output as a model is shown it. */
export interface OutputText {
  /** Within the budget, but for the lines that say what was left out. */
  readonly text: string;
  /** An estimate for all of the output, of which `text` may be a part. */
  readonly originalTokenCount: number;
  /** Bytes that were not kept. */
  readonly omittedBytes: number;
}

/**
 * Output as text of at most about `maxTokens`: its beginning and its end, with what is missing told where it is missing. UTF-8; what is
 * none becomes U+FFFD.
 *
 * @param maxTokens - Default 10,000; at most 262,144 are kept.
 */
export function outputText(output: RetainedBytes, maxTokens: number = OUTPUT_TOKENS): OutputText {
  const { omittedBytes, totalBytes } = output;
  const bytes = wholeOf(output);
  const originalTokenCount = tokensIn(totalBytes);
  const budget = Math.min(maxTokens, OUTPUT_MAX_TOKENS) * TOKEN_BYTES;
  // The line that tells of what was not kept is no output.
  if (totalBytes - omittedBytes <= budget) return { text: textOf(bytes), originalTokenCount, omittedBytes };
  const half = Math.floor(budget / 2);
  const headEnd = boundaryBefore(bytes, half);
  const tailStart = boundaryAfter(bytes, bytes.length - (budget - half));
  const what = omittedBytes > 0 ? omission(omittedBytes) : `Total output lines: ${linesIn(bytes)}`;
  const head = textOf(bytes.subarray(0, headEnd));
  const tail = textOf(bytes.subarray(tailStart));
  const cut = `…${tokensIn(tailStart - headEnd)} tokens truncated…`;
  const text = `Warning: truncated output (original token count: ${originalTokenCount})\n${what}\n\n${head}${cut}${tail}`;
  return { text, originalTokenCount, omittedBytes };
}

/** All that was kept, with a line where something was not. */
export function wholeText(output: RetainedBytes): string {
  return textOf(wholeOf(output));
}

function wholeOf({ head, tail, omittedBytes }: RetainedBytes): Uint8Array {
  if (omittedBytes === 0) return head;
  const before = head.subarray(0, head.length - unfinishedBytes(head));
  return Buffer.concat([before, Buffer.from(`\n${omission(omittedBytes)}\n`), tail.subarray(boundaryAfter(tail, 0))]);
}

function omission(bytes: number): string {
  return `... ${bytes} bytes omitted ...`;
}

function tokensIn(bytes: number): number {
  return Math.ceil(bytes / TOKEN_BYTES);
}

function linesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return bytes.length > 0 && bytes.at(-1) !== LINE_FEED ? count + 1 : count;
}

function textOf(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}
