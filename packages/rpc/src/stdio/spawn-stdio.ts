import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { type Clock, systemClock } from "../clock.ts";
import { abortedBy, LinkError } from "../errors.ts";
import type { FramePort, FrameReceiver, OutboundFrame, PortClose } from "../frame-port.ts";
import { STDIO_LIMITS } from "./limits.ts";
import { type Opening, StreamOpening } from "./opening.ts";
import { type ExitStatus, ProcessGroup } from "./process-group.ts";
import { describeStatus, ProgramEnded } from "./program-ended.ts";
import { StderrTail } from "./stderr-tail.ts";
import { type StdioPortOptions, stdioPort } from "./stdio-port.ts";

/** Options of {@link spawnStdio}. */
export interface SpawnStdioOptions
  extends Pick<
    StdioPortOptions,
    "maxLineBytes" | "highWaterBytes" | "lowWaterBytes" | "peerName" | "heartbeat" | "skipsBanner"
  > {
  /** Program to run; found on `PATH` when it holds no slash. No shell is involved. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** The whole environment of the child. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
  /** Called with what the child writes to stderr. Default: it is read, and its end is told with that of the child. */
  readonly onStderr?: ((chunk: Uint8Array) => void) | undefined;
  /** Milliseconds between SIGTERM and SIGKILL. Default 2,000. */
  readonly killGraceMs?: number | undefined;
  /** Milliseconds that the child gets after the end of its stdin before SIGTERM, to pass on what it has. Default 0. */
  readonly closeGraceMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /**
   * What is said on the pipes before the first frame. The port is there when it resolves; when it rejects, the child is ended.
   * Default: nothing.
   */
  readonly opening?: ((opening: Opening) => Promise<void>) | undefined;
  /** Ends the child before the port is there; without effect afterwards. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Leave the child in the process group and session of this process, so that it can ask for a password on the terminal. Only the child
   * itself is ended then. Default false.
   */
  readonly sharesTerminal?: boolean | undefined;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A child and the port to it. */
export interface SpawnedStdio {
  /**
   * `close` ends the child's stdin, sends SIGTERM to its process group after `closeGraceMs`, and SIGKILL after the grace; `destroy`
   * sends SIGKILL at once. `closed` is called when the child is gone.
   */
  readonly port: FramePort;
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
}

/**
 * Start a program in a process group of its own and talk to it over its stdin and stdout.
 *
 * @throws LinkError delivery `not-sent` - `closed`: the program could not be started, or ended before its opening was over, and then with
 * a {@link ProgramEnded} as the cause; `aborted`, by the signal. What the opening threw, if that is why.
 */
export async function spawnStdio(options: SpawnStdioOptions): Promise<SpawnedStdio> {
  const { signal, opening = saysNothing } = options;
  if (signal?.aborted) throw abortedBy(signal, `starting ${options.command}`, { delivery: "not-sent" });
  const child = await spawned(options);
  const clock = options.clock ?? systemClock;
  const group = new ProcessGroup(child, {
    clock,
    killGraceMs: options.killGraceMs ?? STDIO_LIMITS.killGraceMs,
    isAlone: options.sharesTerminal === true,
  });
  const tail = new StderrTail(child.stderr, clock);
  child.stderr.on("data", (chunk: Buffer) => {
    tail.add(chunk);
    options.onStderr?.(chunk);
  });
  child.stderr.on("error", () => child.stderr.destroy());
  await openUp({ child, group, tail }, opening, options);
  return { port: portOf(child, { group, tail }, options), pid: child.pid ?? 0, exited: group.exited };
}

function spawned(options: SpawnStdioOptions): Promise<Child> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      const text = cause instanceof Error ? cause.message : String(cause);
      reject(new LinkError("closed", `cannot start ${options.command}: ${text}`, { delivery: "not-sent", cause }));
    };
    let child: Child;
    try {
      child = spawn(options.command, [...(options.args ?? [])], {
        stdio: ["pipe", "pipe", "pipe"],
        detached: process.platform !== "win32" && options.sharesTerminal !== true,
        // Without one the child has this process's own.
        ...(options.env === undefined ? {} : { env: { ...options.env } }),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
    } catch (error) {
      fail(error);
      return;
    }
    // Stays on: a signal that cannot be delivered is reported here too.
    child.on("error", fail);
    child.once("spawn", () => resolve(child));
  });
}

async function saysNothing(): Promise<void> {}

/** @throws LinkError */
async function openUp(
  { child, group, tail }: ChildParts,
  opening: (opening: Opening) => Promise<void>,
  { command, signal }: SpawnStdioOptions,
): Promise<void> {
  const talk = new StreamOpening(child.stdout, child.stdin);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    if (signal !== undefined) reject(abortedBy(signal, `starting ${command}`, { delivery: "not-sent" }));
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  aborted.catch(() => {});
  try {
    // While it was started.
    if (signal?.aborted) onAbort();
    await Promise.race([aborted, opening(talk)]);
    talk.release();
  } catch (error) {
    // Its own end says more than that its pipes are closed.
    const isOver = child.stdout.readableEnded || child.stdout.destroyed;
    if (isOver && !signal?.aborted) group.terminate();
    else group.kill();
    const status = await group.exited;
    const words = await tail.told();
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    if (!isOver || signal?.aborted) throw error;
    const cause = new ProgramEnded(status, words);
    throw new LinkError("closed", `${command} ${cause.message}`, { delivery: "not-sent", cause });
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

interface ChildParts {
  readonly child: Child;
  readonly group: ProcessGroup;
  readonly tail: StderrTail;
}

function portOf(child: Child, { group, tail }: Omit<ChildParts, "child">, options: SpawnStdioOptions): FramePort {
  const line = stdioPort({
    input: child.stdout,
    output: child.stdin,
    maxLineBytes: options.maxLineBytes,
    peerName: options.peerName ?? `${options.command} (pid ${child.pid})`,
    highWaterBytes: options.highWaterBytes,
    lowWaterBytes: options.lowWaterBytes,
    heartbeat: options.heartbeat,
    skipsBanner: options.skipsBanner,
    clock: options.clock,
  });
  return new ChildPort(line, { child, group, tail }, options.closeGraceMs ?? 0);
}

/** The connection to a child. It is gone when the child is. */
class ChildPort implements FramePort {
  readonly transport = "stdio";
  readonly peerName: string;
  readonly #line: FramePort;
  readonly #child: Child;
  readonly #group: ProcessGroup;
  readonly #tail: StderrTail;
  readonly #closeGraceMs: number;

  constructor(line: FramePort, parts: ChildParts, closeGraceMs: number) {
    this.peerName = line.peerName;
    this.#line = line;
    this.#child = parts.child;
    this.#group = parts.group;
    this.#tail = parts.tail;
    this.#closeGraceMs = closeGraceMs;
  }

  get queuedBytes(): number {
    return this.#line.queuedBytes;
  }

  get writable(): boolean {
    return this.#line.writable;
  }

  get isEnding(): boolean {
    return this.#line.isEnding === true;
  }

  open(receiver: FrameReceiver): void {
    this.#line.open({
      frame: (frame) => receiver.frame(frame),
      drained: () => receiver.drained(),
      closed: (close) => this.#onLineClosed(close, receiver),
    });
  }

  askForSigns(ask: () => void): void {
    this.#line.askForSigns?.(ask);
  }

  send(frame: OutboundFrame): void {
    this.#line.send(frame);
  }

  pause(): void {
    this.#line.pause();
  }

  resume(): void {
    this.#line.resume();
  }

  close(code: number, reason: string): void {
    this.#line.close(code, reason);
    this.#group.terminateAfter(this.#closeGraceMs);
  }

  destroy(reason: string, cause?: unknown): void {
    this.#line.destroy(reason, cause);
    this.#group.kill();
  }

  #onLineClosed(close: PortClose, receiver: FrameReceiver): void {
    this.#group.terminateAfter(close.initiator === "local" ? this.#closeGraceMs : 0);
    this.#group.exited
      .then(async (status) => {
        const words = close.initiator === "local" ? "" : await this.#tail.told();
        // A grandchild that left the group may hold the pipes for ever.
        this.#child.stdin.destroy();
        this.#child.stdout.destroy();
        this.#child.stderr.destroy();
        receiver.closed(close.initiator === "local" ? close : { ...close, reason: describeExit(close, status, words) });
      })
      .catch(() => {});
  }
}

function describeExit(close: PortClose, status: ExitStatus, words: string): string {
  return `${close.reason}; the process ${describeStatus(status)}${words === "" ? "" : `: ${words}`}`;
}
