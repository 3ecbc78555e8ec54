import { createHash } from "node:crypto";
import type { OutputStream, ProcessEvent } from "@holdfast/exec-client";
import type { Program } from "./programs.ts";

type Known = Pick<Program, "expected" | "exitCode">;

const EMPTY = Buffer.alloc(0);
function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Holds the events of one process against what its program is known to do. */
export class OutputVerifier {
  readonly #known: Known;
  readonly #received = new Map<OutputStream, Buffer[]>();
  readonly #problems: string[] = [];
  #lastSeq = 0;
  #exitCode: number | undefined;
  #isClosed = false;
  /** Bytes of output so far. */
  receivedBytes = 0;

  constructor(known: Known) {
    this.#known = known;
  }

  accept(event: ProcessEvent): void {
    if (event.seq !== this.#lastSeq + 1) this.#problems.push(`event ${event.seq} came after event ${this.#lastSeq}`);
    this.#lastSeq = event.seq;
    if (this.#isClosed) this.#problems.push(`${event.type} came after the close`);
    if (event.type === "output") this.#keep(event.stream, event.data);
    else if (event.type === "exited") this.#exited(event.exitCode);
    else this.#isClosed = true;
  }

  /** What was wrong with a process whose events have ended. None: every byte was right. */
  complete(): readonly string[] {
    const problems = [...this.#problems, ...this.#differences("whole")];
    if (this.#exitCode === undefined) problems.push("it has no exit");
    else if (this.#exitCode !== this.#known.exitCode) {
      problems.push(`it exited with ${this.#exitCode} instead of ${this.#known.exitCode}`);
    }
    if (!this.#isClosed) problems.push("its events ended without a close");
    return problems;
  }

  /** What was wrong until its events broke off. None: what there is, is the beginning of the known output. */
  brokenOff(): readonly string[] {
    return [...this.#problems, ...this.#differences("beginning")];
  }

  #keep(stream: OutputStream, data: Uint8Array): void {
    const pieces = this.#received.get(stream) ?? [];
    pieces.push(Buffer.from(data));
    this.#received.set(stream, pieces);
    this.receivedBytes += data.byteLength;
  }

  #exited(exitCode: number): void {
    if (this.#exitCode !== undefined) this.#problems.push("it exited twice");
    this.#exitCode = exitCode;
  }

  #differences(extent: "whole" | "beginning"): string[] {
    const streams = new Set([...this.#known.expected.keys(), ...this.#received.keys()]);
    return [...streams].flatMap((stream) => {
      const received = Buffer.concat(this.#received.get(stream) ?? []);
      const all = this.#known.expected.get(stream) ?? EMPTY;
      const expected = extent === "whole" ? all : all.subarray(0, received.length);
      if (sha256(received) === sha256(expected)) return [];
      const lengths = `${received.length} bytes instead of ${expected.length}`;
      return [`${stream} differs from byte ${firstDifference(received, expected)} on, ${lengths}`];
    });
  }
}

function firstDifference(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return at;
  return length;
}
