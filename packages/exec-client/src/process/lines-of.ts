import { checkOptions, type OptionChecks, oneOf, shownValue } from "@holdfast/rpc/client";
import { LineTooLongError } from "../errors/line-too-long-error.ts";
import { InvalidArgumentError } from "../errors.ts";
import { LINE_MAX_BYTES } from "../limits.ts";
import type { OutputStream, ProcessEvent } from "./events.ts";
import type { HoldingCursor } from "./holding-cursor.ts";
import { joinBytes } from "./join-bytes.ts";
import { type Subscription, subscribed } from "./subscription.ts";

/** Which lines, and how long one may be. */
export interface LinesOptions {
  /** `stdout`: standard output, or all a terminal shows. `stderr`. `output`: both, a line when it is complete. Default `stdout`. */
  readonly stream?: "stdout" | "stderr" | "output" | undefined;
  /** Bytes that a line may have, without its end. Default 1 MiB. */
  readonly maxLineBytes?: number | undefined;
}

const LINES_OPTIONS: OptionChecks<LinesOptions> = {
  stream: oneOf("stdout", "stderr", "output"),
  maxLineBytes: (value, name) => {
    if (typeof value === "number" && value >= 1) return;
    throw new InvalidArgumentError(name, `${name} must be a number of bytes from 1 on, not ${shownValue(value)}`);
  },
};

/** Where lines come from. */
interface LineSource {
  readonly processId: string;
  subscribe(afterSeq: undefined, wants: (event: ProcessEvent) => boolean): HoldingCursor;
}

const STREAMS: Readonly<Record<"stdout" | "stderr" | "output", readonly OutputStream[]>> = {
  stdout: ["stdout", "pty"],
  stderr: ["stderr"],
  output: ["stdout", "stderr", "pty"],
};

const LF = 0x0a;
const CR = 0x0d;

/** The lines of one subscriber, from now on. One that is dropped half-way holds nothing any longer. */
export function linesOf(source: LineSource, options: LinesOptions): AsyncGenerator<string, void, void> {
  checkOptions(options, LINES_OPTIONS, "process.lines");
  const { stream = "stdout", maxLineBytes = LINE_MAX_BYTES } = options;
  const wants = (event: ProcessEvent): boolean => event.type === "output" && STREAMS[stream].includes(event.stream);
  return subscribed((subscription: Subscription<HoldingCursor>) =>
    generate(subscription, {
      subscribe: () => source.subscribe(undefined, wants),
      split: () => new LineSplitter(source.processId, maxLineBytes),
    }),
  );
}

async function* generate(
  subscription: Subscription<HoldingCursor>,
  { subscribe, split }: { readonly subscribe: () => HoldingCursor; readonly split: () => LineSplitter },
): AsyncGenerator<string, void, void> {
  const cursor = subscription.begin(subscribe());
  const splitters = new Map<OutputStream, LineSplitter>();
  try {
    for (let event = await cursor.next(); event !== undefined; event = await cursor.next()) {
      if (event.type !== "output") continue;
      const splitter = splitters.get(event.stream) ?? split();
      splitters.set(event.stream, splitter);
      yield* splitter.add(event.data);
    }
    // What has come of a line that goes on is none.
    if (subscription.isLeft) return;
    for (const splitter of splitters.values()) yield* splitter.end();
  } finally {
    cursor.close();
  }
}

/** Puts the lines of one stream together. Decoded as a whole: no byte of a longer character is a line feed. */
class LineSplitter {
  readonly #processId: string;
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(processId: string, maxBytes: number) {
    this.#processId = processId;
    this.#maxBytes = maxBytes;
  }

  *add(data: Uint8Array): Generator<string, void, void> {
    let from = 0;
    for (let at = data.indexOf(LF); at >= 0; at = data.indexOf(LF, from)) {
      this.#keep(data.subarray(from, at));
      from = at + 1;
      yield this.#take("ended");
    }
    this.#keep(data.subarray(from));
  }

  /** What came behind the last line end. */
  *end(): Generator<string, void, void> {
    if (this.#bytes > 0) yield this.#take("cut");
  }

  #keep(part: Uint8Array): void {
    if (part.byteLength === 0) return;
    this.#parts.push(part);
    this.#bytes += part.byteLength;
    // A carriage return before the line feed does not count; it is not known yet whether that is what it is.
    if (this.#bytes > this.#maxBytes + 1 || (this.#bytes > this.#maxBytes && part.at(-1) !== CR)) {
      throw new LineTooLongError(this.#processId, this.#maxBytes);
    }
  }

  #take(how: "ended" | "cut"): string {
    const [only] = this.#parts;
    const line = this.#parts.length === 1 && only !== undefined ? only : joinBytes(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return this.#decoder.decode(how === "ended" && line.at(-1) === CR ? line.subarray(0, -1) : line);
  }
}
