import { Socket } from "node:net";
import { bufferPool, MIN_LENT_BYTES } from "../platform/buffer-pool.ts";
import type { ExitStatus } from "../platform/child-reaper.ts";
import type { OutgoingBytes } from "../platform/handed-bytes.ts";
import type { Child, ChildEvents, SpawnRequest } from "./child.ts";
import { exitCodeOf } from "./exit-code.ts";
import { ExitOrder } from "./exit-order.ts";
import type { EndNews, HandedPipes } from "./handed-child.ts";
import { InputPipe } from "./input-pipe.ts";
import { endedOutput, type OpenOutput, OutputReader } from "./output-reader.ts";
import { commandPid, sendSignal } from "./send-signal.ts";

/** The ends of a child's pipes on this side. */
export interface PipeStreams {
  readonly stdin: InputPipe | null;
  readonly stdout: OpenOutput;
  readonly stderr: OpenOutput;
}

/** All pipes are read into this one: reading a piece and taking it are one step. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * What comes through a pipe. The descriptor belongs to the stream from here on.
 *
 * @param data - Takes each piece, whose bytes are gone when it returns.
 */
export function pipeReader(fd: number, data: (piece: Buffer) => void): Socket {
  const callback = (bytes: number): boolean => {
    data(READ_BUFFER.subarray(0, bytes));
    return true;
  };
  const options = { fd, readable: true, writable: false, onread: { buffer: READ_BUFFER, callback } };
  const socket = new Socket(options);
  socket.resume();
  return socket;
}

/** {@link pipeReader} for an owner that keeps the pieces. */
export function pipeOutput(fd: number): OpenOutput {
  return (data) => pipeReader(fd, (piece) => data(copyOf(piece)));
}

function copyOf(piece: Buffer): Buffer {
  // It is kept for long: a short one in memory that it shares with others would keep all of that.
  const isShort = piece.length < MIN_LENT_BYTES;
  const copy = isShort ? Buffer.allocUnsafeSlow(piece.length) : bufferPool.take(piece.length);
  piece.copy(copy);
  return copy;
}

/** Go on with a child that another program began. What its input has yet to take is its owner's to write. */
export function adoptPipes({ leader, stdin, stdout, stderr }: HandedPipes, events: ChildEvents): PipeChild {
  const reader = (fd: number | undefined) => (fd === undefined ? endedOutput : pipeOutput(fd));
  const input = stdin === undefined ? null : InputPipe.on(stdin.fd);
  return new PipeChild(
    leader.pid,
    { stdin: input, stdout: reader(stdout), stderr: reader(stderr) },
    events,
    leader.shape,
  );
}

export class PipeChild implements Child {
  readonly pid: number;
  readonly #events: ChildEvents;
  readonly #shape: SpawnRequest["shape"];
  readonly #stdin: InputPipe | null;
  readonly #readers: readonly OutputReader[];
  #exitOrder: ExitOrder | undefined;
  #status: ExitStatus | undefined;

  constructor(pid: number, streams: PipeStreams, events: ChildEvents, shape: SpawnRequest["shape"]) {
    this.pid = pid;
    this.#events = events;
    this.#shape = shape;
    this.#stdin = streams.stdin;
    this.#stdin?.onBroken(() => events.inputBroken());
    const ended = () => {
      this.#exitOrder?.poke();
      if (this.#readers.every((reader) => reader.ended)) events.ended();
    };
    this.#readers = (["stdout", "stderr"] as const).map(
      (name) => new OutputReader(streams[name], { data: (chunk) => events.output(name, chunk), ended }),
    );
  }

  leaderEnded(status: ExitStatus, news: EndNews = "untold"): void {
    this.#status = status;
    this.#stdin?.destroy();
    if (news === "told") return;
    this.#exitOrder = new ExitOrder(this.#readers, () => this.#events.exited(exitCodeOf(status)));
  }

  write(data: Buffer, written: () => void): void {
    if (this.#stdin === null) written();
    else this.#stdin.write(data, written);
  }

  endInput(): void {
    this.#stdin?.end();
  }

  pauseOutput(): void {
    for (const reader of this.#readers) reader.pause();
  }

  resumeOutput(): void {
    for (const reader of this.#readers) reader.resume();
    this.#exitOrder?.poke();
  }

  get commandPid(): number | undefined {
    return this.#leader === "reaped" ? undefined : commandPid(this.pid, this.#shape);
  }

  signal(signal: NodeJS.Signals): boolean {
    // Without its leader the group may be gone, and its number another's.
    return this.#leader === "unreaped" && sendSignal(this, signal, this.#shape, "unreaped");
  }

  kill(): void {
    sendSignal(this, "SIGKILL", this.#shape, this.#leader);
  }

  abandonOutput(): void {
    for (const reader of this.#readers) reader.abandon();
  }

  handOver(bytes: OutgoingBytes): HandedPipes {
    const [stdout, stderr] = this.#readers.map((reader) => reader.handOver());
    return {
      kind: "pipes",
      leader: { pid: this.pid, shape: this.#shape, status: this.#status },
      stdin: this.#stdin?.handOver(bytes),
      stdout,
      stderr,
    };
  }

  get #leader(): "unreaped" | "reaped" {
    return this.#status === undefined ? "unreaped" : "reaped";
  }
}
