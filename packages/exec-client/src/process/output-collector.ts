import type { Bytes } from "../bytes.ts";
import type { OutputEvent, OutputStream } from "./events.ts";
import { joinBytes } from "./join-bytes.ts";

/** How the output of `run` is handed over. */
export type OutputEncoding = "utf8" | "bytes";

/** Output in an encoding. */
export type OutputIn<Encoding extends OutputEncoding> = Encoding extends "bytes" ? Bytes : string;

/** Output as text or as bytes. */
export interface CollectedOutput<Output> {
  /** Standard output, or all a terminal showed. */
  readonly stdout: Output;
  /** Standard error; empty for a terminal. */
  readonly stderr: Output;
  /** Both, in the order in which the executor read them. */
  readonly output: Output;
  /** Whether some output was left out because of `maxOutputBytes`; what is kept is the beginning. */
  readonly truncated: boolean;
  /** How many bytes were left out. */
  readonly omittedBytes: { readonly stdout: number; readonly stderr: number };
}

interface Piece {
  readonly stream: OutputStream;
  readonly data: Uint8Array;
}

/** Keeps the first `maxBytes` of stdout and stderr together and counts the rest. */
export class OutputCollector {
  readonly #maxBytes: number;
  readonly #pieces: Piece[] = [];
  readonly #omittedBytes = { stdout: 0, stderr: 0 };
  #keptBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add({ stream, data }: OutputEvent): void {
    const room = this.#maxBytes - this.#keptBytes;
    const kept = data.byteLength <= room ? data : data.slice(0, room);
    if (kept.byteLength > 0) this.#pieces.push({ stream, data: kept });
    this.#keptBytes += kept.byteLength;
    this.#omittedBytes[stream === "stderr" ? "stderr" : "stdout"] += data.byteLength - kept.byteLength;
  }

  collect(encoding: "utf8"): CollectedOutput<string>;
  collect(encoding: "bytes"): CollectedOutput<Bytes>;
  collect(encoding: OutputEncoding): CollectedOutput<string> | CollectedOutput<Bytes>;
  collect(encoding: OutputEncoding): CollectedOutput<string> | CollectedOutput<Bytes> {
    const omittedBytes = { ...this.#omittedBytes };
    const truncated = omittedBytes.stdout + omittedBytes.stderr > 0;
    return encoding === "utf8"
      ? { ...this.#asText(), truncated, omittedBytes }
      : { ...this.#asBytes(), truncated, omittedBytes };
  }

  #asBytes(): { stdout: Bytes; stderr: Bytes; output: Bytes } {
    return {
      stdout: joined(this.#pieces.filter((piece) => piece.stream !== "stderr")),
      stderr: joined(this.#pieces.filter((piece) => piece.stream === "stderr")),
      output: joined(this.#pieces),
    };
  }

  /** Each stream is decoded by itself, so that a character cut in two by the other stream still comes out whole. */
  #asText(): { stdout: string; stderr: string; output: string } {
    const decoders = { stdout: textDecoder(), stderr: textDecoder() };
    const texts: Record<"stdout" | "stderr" | "output", string[]> = { stdout: [], stderr: [], output: [] };
    const add = (stream: "stdout" | "stderr", text: string): void => {
      texts[stream].push(text);
      texts.output.push(text);
    };
    for (const { stream, data } of this.#pieces) {
      const name = stream === "stderr" ? "stderr" : "stdout";
      add(name, decoders[name].decode(data, { stream: true }));
    }
    for (const name of ["stdout", "stderr"] as const) {
      // A character that the bound cut off is left out; one that the program never finished becomes U+FFFD.
      if (this.#omittedBytes[name] === 0) add(name, decoders[name].decode());
    }
    return { stdout: texts.stdout.join(""), stderr: texts.stderr.join(""), output: texts.output.join("") };
  }
}

function textDecoder() {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

function joined(pieces: readonly Piece[]): Bytes {
  return joinBytes(pieces.map(({ data }) => data));
}
