import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { type Clock, systemClock } from "../clock.ts";
import { LinkError } from "../errors.ts";
import type { FramePort, FrameReceiver, OutboundFrame, PortClose } from "../frame-port.ts";
import { STDIO_LIMITS } from "./limits.ts";
import { type ExitStatus, ProcessGroup } from "./process-group.ts";
import { StderrTail } from "./stderr-tail.ts";
import { type StdioPortOptions, stdioPort } from "./stdio-port.ts";

/** Options of {@link spawnStdio}. */
export interface SpawnStdioOptions
  extends Pick<StdioPortOptions, "maxLineBytes" | "highWaterBytes" | "lowWaterBytes" | "peerName"> {
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
  readonly clock?: Clock | undefined;
}

/** A child and the port to it. */
export interface SpawnedStdio {
  /**
   * `close` ends the child's stdin and sends SIGTERM to its process group, then SIGKILL after the grace; `destroy`
   * sends SIGKILL at once. `closed` is called when the child is gone.
   */
  readonly port: FramePort;
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
}

/**
 * Start a program in a process group of its own and talk to it over its stdin and stdout.
 *
 * @throws LinkError `closed`, delivery `not-sent` - the program could not be started.
 */
export function spawnStdio(options: SpawnStdioOptions): Promise<SpawnedStdio> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      const text = cause instanceof Error ? cause.message : String(cause);
      reject(new LinkError("closed", `cannot start ${options.command}: ${text}`, { delivery: "not-sent", cause }));
    };
    let child: ChildProcessByStdio<Writable, Readable, Readable>;
    try {
      child = spawn(options.command, [...(options.args ?? [])], {
        stdio: ["pipe", "pipe", "pipe"],
        detached: process.platform !== "win32",
        // Without one the child has this process's own.
        ...(options.env === undefined ? {} : { env: { ...options.env } }),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
    } catch (error) {
      fail(error);
      return;
    }
    const group = new ProcessGroup(child, {
      clock: options.clock ?? systemClock,
      killGraceMs: options.killGraceMs ?? STDIO_LIMITS.killGraceMs,
    });
    // Stays on: a signal that cannot be delivered is reported here too.
    child.on("error", fail);
    child.once("spawn", () => {
      const { pid } = child;
      if (pid !== undefined) resolve({ port: portOf(child, group, options), pid, exited: group.exited });
    });
  });
}

function portOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  group: ProcessGroup,
  options: SpawnStdioOptions,
): FramePort {
  const tail = new StderrTail(child.stderr, options.clock ?? systemClock);
  child.stderr.on("data", (chunk: Buffer) => {
    tail.add(chunk);
    options.onStderr?.(chunk);
  });
  child.stderr.on("error", () => child.stderr.destroy());
  const line = stdioPort({
    input: child.stdout,
    output: child.stdin,
    maxLineBytes: options.maxLineBytes,
    peerName: options.peerName ?? `${options.command} (pid ${child.pid})`,
    highWaterBytes: options.highWaterBytes,
    lowWaterBytes: options.lowWaterBytes,
  });
  return new ChildPort(line, { child, group, tail });
}

/** The connection to a child. It is gone when the child is. */
class ChildPort implements FramePort {
  readonly transport = "stdio";
  readonly peerName: string;
  readonly #line: FramePort;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #group: ProcessGroup;
  readonly #tail: StderrTail;

  constructor(
    line: FramePort,
    parts: {
      readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
      readonly group: ProcessGroup;
      readonly tail: StderrTail;
    },
  ) {
    this.peerName = line.peerName;
    this.#line = line;
    this.#child = parts.child;
    this.#group = parts.group;
    this.#tail = parts.tail;
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
    this.#group.terminate();
  }

  destroy(reason: string, cause?: unknown): void {
    this.#line.destroy(reason, cause);
    this.#group.kill();
  }

  #onLineClosed(close: PortClose, receiver: FrameReceiver): void {
    this.#group.terminate();
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
  const how = status.signal === null ? `exited with code ${status.code}` : `was ended by ${status.signal}`;
  return `${close.reason}; the process ${how}${words === "" ? "" : `: ${words}`}`;
}
