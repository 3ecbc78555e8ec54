import type { Executor, RunningProcess } from "@holdfast/exec-client";
import { type PathUri, toNativePath } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";

/** Bytes per frame, and frames on their way that nobody has confirmed: 1 MiB at most wait on the executor. */
const FRAME_MAX_BYTES = 256 * 1024 - 16;
const WINDOW_FRAMES = 4;
/** Bytes that wait here before `write` makes its caller wait. */
const QUEUE_MAX_BYTES = 1024 * 1024;
const STDERR_MAX_CHARS = 500;
const READY = "ready\n";

/**
 * What `sh` does with the frames: a line with a count, that many bytes, and so on until a count of 0. Each is confirmed
 * with a line once its bytes have been passed on, so that few of them wait on the executor.
 *
 * The wire has no way to close a process's stdin. A count of 0 is one.
 * Of the usual `head` programs only GNU's is known to leave alone what comes after its bytes.
 */
const TAKE_FRAMES = `
case $(head --version 2>/dev/null) in
*GNU*) take() { head -c "$1"; } ;;
*) take() { dd ibs=1 obs=65536 count="$1" 2>/dev/null; } ;;
esac
while IFS= read -r count && [ "$count" != 0 ]; do take "$count" || exit; echo >&3; done`;

const SCRIPTS = {
  /** Makes a named pipe. It has no name any more once the reader has opened it as well. */
  pipe: `mkfifo -m 600 "$1" && printf '${READY.trim()}\\n' && exec 3>&1 >"$1" && rm -f "$1" || exit${TAKE_FRAMES}`,
  /** Makes a file, which must not exist. */
  file: `umask 077; set -C; exec 3>&1 >"$1" && printf '${READY.trim()}\\n' >&3 || exit${TAKE_FRAMES}`,
} as const;

type State =
  | { readonly kind: "starting" | "running" }
  | { readonly kind: "gone"; readonly exitCode: number; readonly error?: unknown };

/** Writes a stream of bytes with an end into a named pipe or file on the executor, whatever its release. */
export class FrameFeeder implements AsyncDisposable {
  readonly #process: RunningProcess;
  #state: State = { kind: "starting" };
  #stderr = "";
  #received = 0;
  #sentFrames = 0;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #isEnding = false;
  #waiters: (() => void)[] = [];

  private constructor(process: RunningProcess) {
    this.#process = process;
  }

  /**
   * Resolves when the pipe or file is there.
   *
   * @throws CommandFailure it could not be made.
   */
  static async start(executor: Executor, kind: keyof typeof SCRIPTS, path: PathUri): Promise<FrameFeeder> {
    const argv = ["/bin/sh", "-c", SCRIPTS[kind], "sh", toNativePath(path, "posix")];
    const process = await executor.processes.start({ argv, cwd: "/", pipeStdin: true });
    const feeder = new FrameFeeder(process);
    void feeder.#follow();
    await feeder.#until(() => feeder.#state.kind !== "starting");
    feeder.#throwIfFailed();
    return feeder;
  }

  /** Resolves when there is room for more. Bytes for a reader that is gone are dropped. */
  async write(data: Uint8Array): Promise<void> {
    if (this.isGone || data.byteLength === 0) return;
    this.#queue.push(data);
    this.#queuedBytes += data.byteLength;
    this.#send();
    await this.#until(() => this.#queuedBytes <= QUEUE_MAX_BYTES || this.isGone);
  }

  /**
   * Tell the end. Resolves when every byte has been passed on, or the reader is gone.
   *
   * @throws CommandFailure not all could be written.
   */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#send();
    await this.#until(() => this.isGone);
    this.#throwIfFailed();
  }

  /** Nobody takes bytes any more. */
  get isGone(): boolean {
    return this.#state.kind === "gone";
  }

  /** Resolves when nobody takes bytes any more. */
  gone(): Promise<void> {
    return this.#until(() => this.isGone);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #follow(): Promise<void> {
    let exitCode = 0;
    try {
      for await (const event of this.#process.events()) {
        if (event.type === "exited") exitCode = event.exitCode;
        if (event.type === "output") this.#hear(event.stream, event.data);
      }
      this.#enter({ kind: "gone", exitCode });
    } catch (error) {
      this.#enter({ kind: "gone", exitCode, error });
    }
  }

  #hear(stream: string, data: Uint8Array): void {
    if (stream === "stderr") {
      this.#stderr = (this.#stderr + new TextDecoder().decode(data)).slice(0, STDERR_MAX_CHARS);
      return;
    }
    this.#received += data.byteLength;
    if (this.#state.kind === "starting" && this.#received >= READY.length) this.#enter({ kind: "running" });
    this.#send();
    this.#changed();
  }

  #send(): void {
    while (this.#state.kind === "running" && this.#hasRoom()) {
      const frame = this.#nextFrame();
      if (frame === undefined) return;
      this.#sentFrames += 1;
      // A write that fails means that the process has ended: its events tell.
      this.#process.write(frame).catch(() => {});
      this.#changed();
    }
  }

  #hasRoom(): boolean {
    const confirmed = this.#received - READY.length;
    return this.#sentFrames - confirmed < WINDOW_FRAMES;
  }

  #nextFrame(): Uint8Array | undefined {
    if (this.#queuedBytes === 0) {
      if (!this.#isEnding) return undefined;
      this.#isEnding = false;
      return Buffer.from("0\n");
    }
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (let first = this.#queue[0]; first !== undefined && bytes < FRAME_MAX_BYTES; first = this.#queue[0]) {
      const part = first.subarray(0, FRAME_MAX_BYTES - bytes);
      if (part.byteLength === first.byteLength) this.#queue.shift();
      else this.#queue[0] = first.subarray(part.byteLength);
      parts.push(part);
      bytes += part.byteLength;
    }
    this.#queuedBytes -= bytes;
    return Buffer.concat([Buffer.from(`${bytes}\n`), ...parts]);
  }

  #enter(state: State): void {
    this.#state = state;
    if (state.kind === "gone") {
      this.#queue = [];
      this.#queuedBytes = 0;
    }
    this.#changed();
  }

  #throwIfFailed(): void {
    if (this.#state.kind !== "gone" || (this.#state.exitCode === 0 && this.#state.error === undefined)) return;
    const told = this.#stderr.trim().split("\n").at(-1);
    const why = told === undefined || told === "" ? `sh ended with ${this.#state.exitCode}` : told;
    throw new CommandFailure(`cannot hand data to the executor: ${why}`, { cause: this.#state.error });
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  #changed(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
