import { closeSync, fchownSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { bufferPool, MIN_LENT_BYTES } from "../platform/buffer-pool.ts";
import type { ExitStatus } from "../platform/child-reaper.ts";
import { makePipe, type PipeEnds } from "../platform/descriptors.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { type Child, type ChildEvents, SpawnFault, type SpawnRequest } from "./child.ts";
import { exitCodeOf } from "./exit-code.ts";
import { ExitOrder } from "./exit-order.ts";
import { InputPipe } from "./input-pipe.ts";
import { canLaunchDirectly, launchByNode, launchDirectly } from "./launch.ts";
import { type OpenOutput, OutputReader } from "./output-reader.ts";
import { commandPid, sendSignal } from "./send-signal.ts";
import { spawnRefusal } from "./spawn-refusal.ts";

/** The ends of a child's pipes on this side. */
interface PipeStreams {
  readonly stdin: InputPipe | null;
  readonly stdout: OpenOutput;
  readonly stderr: OpenOutput;
}

/**
 * Start a program behind pipes.
 *
 * The pipes are real ones where the C library can be called: Node's own are sockets, which a child can not reopen by
 * name, so that `echo >/dev/stderr` would fail. A child that could be started is returned at once, so that what
 * follows in the same turn finds it running.
 *
 * @param input - `pipe` gives the child a writable standard input; `null` an immediate end of file.
 * @throws SpawnFault (or rejects with it) with the operating system's reason.
 */
export function spawnPipe(request: SpawnRequest, input: "pipe" | "null", events: ChildEvents): Child | Promise<Child> {
  if (request.argv[0] === "") throw new SpawnFault("missing program for pipe spawn");
  return canLaunchDirectly() ? spawnDirectly(request, input, events) : spawnByNode(request, input, events);
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

function copyOf(piece: Buffer): Buffer {
  // It is kept for long: a short one in memory that it shares with others would keep all of that.
  const isShort = piece.length < MIN_LENT_BYTES;
  const copy = isShort ? Buffer.allocUnsafeSlow(piece.length) : bufferPool.take(piece.length);
  piece.copy(copy);
  return copy;
}

/** Descriptors to close when a start fails, and the child's ends once it has them. */
class Pipes {
  readonly #open = new Set<number>();

  make(): PipeEnds {
    const ends = makePipe();
    if (ends === undefined) throw new SpawnFault("no pipe could be made");
    for (const end of ends) this.#open.add(end);
    return ends;
  }

  /** This end now belongs to someone who will close it. */
  release(end: number): number {
    this.#open.delete(end);
    return end;
  }

  closeRest(): void {
    for (const end of this.#open) closeSync(end);
    this.#open.clear();
  }
}

function spawnDirectly(request: SpawnRequest, input: "pipe" | "null", events: ChildEvents): Child {
  const pipes = new Pipes();
  let child: PipeChild | undefined;
  try {
    const stdin = input === "pipe" ? pipes.make() : undefined;
    const [stdout, stderr] = [pipes.make(), pipes.make()];
    if (request.streamOwner !== undefined)
      giveTo(request.streamOwner, [stdout, stderr, ...(stdin === undefined ? [] : [stdin])]);
    const standard = { stdin: stdin?.[0] ?? "null", stdout: stdout[1], stderr: stderr[1] } as const;
    const pid = launchDirectly(request, { standard }, (status) => child?.leaderEnded(status));
    const reader = ([end]: PipeEnds): OpenOutput => {
      const fd = pipes.release(end);
      return (data) => pipeReader(fd, (piece) => data(copyOf(piece)));
    };
    const writer = ([, end]: PipeEnds) => {
      const fd = pipes.release(end);
      return new InputPipe(new Socket({ fd, readable: false, writable: true }), fd);
    };
    const streams = {
      stdin: stdin === undefined ? null : writer(stdin),
      stdout: reader(stdout),
      stderr: reader(stderr),
    };
    child = new PipeChild(pid, streams, events, request.shape);
    return child;
  } catch (thrown) {
    if (thrown instanceof SpawnFault) throw thrown;
    const code = errnoName(thrown);
    if (code !== undefined && osErrorText(code) !== undefined) throw spawnRefusal(code, { cause: thrown });
    throw new SpawnFault("the process could not be started", { cause: thrown });
  } finally {
    pipes.closeRest();
  }
}

/** Both ends of a pipe are one file. */
function giveTo({ uid, gid }: NonNullable<SpawnRequest["streamOwner"]>, pipes: readonly PipeEnds[]): void {
  for (const [end] of pipes) fchownSync(end, uid, gid);
}

function spawnByNode(request: SpawnRequest, kind: "pipe" | "null", events: ChildEvents): Child | Promise<Child> {
  let child: PipeChild | undefined;
  const stdin = kind === "pipe" ? "pipe" : "ignore";
  const started = launchByNode(request, [stdin, "pipe", "pipe"], (status) => child?.leaderEnded(status));
  if (started instanceof Promise) return started;
  const { pid, stdout, stderr } = started;
  if (pid === undefined || stdout === null || stderr === null) throw new SpawnFault("the process has no streams");
  const reader =
    (stream: Readable): OpenOutput =>
    (data) =>
      stream.on("data", data);
  const input = started.stdin === null ? null : new InputPipe(started.stdin);
  const streams = { stdin: input, stdout: reader(stdout), stderr: reader(stderr) };
  child = new PipeChild(pid, streams, events, request.shape);
  return child;
}

class PipeChild implements Child {
  readonly pid: number;
  readonly #events: ChildEvents;
  readonly #shape: SpawnRequest["shape"];
  readonly #stdin: InputPipe | null;
  readonly #readers: readonly OutputReader[];
  #exitOrder: ExitOrder | undefined;

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

  leaderEnded(status: ExitStatus): void {
    this.#stdin?.destroy();
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

  get #leader(): "unreaped" | "reaped" {
    return this.#exitOrder === undefined ? "unreaped" : "reaped";
  }
}
