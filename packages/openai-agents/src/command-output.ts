import type { SandboxExecResult } from "@openai/agents/sandbox";

/** Characters of output that are kept between two looks at a command; the oldest are dropped. */
const PENDING_MAX_LENGTH = 1_048_576;

/** What one token is taken for, in characters. */
const TOKEN_LENGTH = 4;

type Stream = "stdout" | "stderr";

/** The output of a command since it was last looked at, as text. */
export class PendingOutput {
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #pieces: { readonly stream: Stream; readonly text: string }[] = [];
  #length = 0;
  #dropped = 0;

  add(stream: Stream, bytes: Uint8Array): void {
    const text = this.#decoders[stream].decode(bytes, { stream: true });
    this.#pieces.push({ stream, text });
    this.#length += text.length;
    while (this.#length > PENDING_MAX_LENGTH) {
      const length = this.#pieces.shift()?.text.length ?? 0;
      this.#length -= length;
      this.#dropped += length;
    }
  }

  take(): Pick<SandboxExecResult, "output" | "stdout" | "stderr"> {
    const pieces = this.#pieces;
    const of = (stream: Stream) => pieces.flatMap((piece) => (piece.stream === stream ? [piece.text] : [])).join("");
    const notice = this.#dropped === 0 ? "" : `[${this.#dropped} characters of earlier output were dropped]\n`;
    this.#pieces = [];
    this.#length = 0;
    this.#dropped = 0;
    return { output: notice + pieces.map(({ text }) => text).join(""), stdout: of("stdout"), stderr: of("stderr") };
  }
}

/** Beginning and end of a text that is longer than about `maxTokens`. */
export function shortened(
  text: string,
  maxTokens: number | undefined,
): { readonly text: string; readonly originalTokenCount?: number } {
  const maxLength = (maxTokens ?? Number.POSITIVE_INFINITY) * TOKEN_LENGTH;
  if (text.length <= maxLength) return { text };
  const half = Math.floor(maxLength / 2);
  const left = Math.ceil((text.length - 2 * half) / TOKEN_LENGTH);
  // Not half a character at either cut.
  const head = text.slice(0, half).replace(/[\uD800-\uDBFF]$/, "");
  const tail = text.slice(text.length - half).replace(/^[\uDC00-\uDFFF]/, "");
  return { text: `${head}\n[${left} tokens truncated]\n${tail}`, originalTokenCount: tokensOf(text) };
}

/** What the model is told of a command. */
export function described(result: SandboxExecResult): string {
  const { wallTimeSeconds, sessionId, exitCode, originalTokenCount, output } = result;
  return [
    `Wall time: ${wallTimeSeconds.toFixed(4)} seconds`,
    ...(sessionId === undefined ? [] : [`Process running with session ID ${sessionId}`]),
    ...(typeof exitCode === "number" ? [`Process exited with code ${exitCode}`] : []),
    ...(originalTokenCount === undefined ? [] : [`Original token count: ${originalTokenCount}`]),
    "Output:",
    output,
  ].join("\n");
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / TOKEN_LENGTH);
}
