import { closeSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { ExitStatus } from "../platform/child-reaper.ts";
import { duplicate } from "../platform/descriptors.ts";
import type { OutgoingBytes } from "../platform/handed-bytes.ts";
import { pollNow } from "../platform/poll-now.ts";
import { descriptorOf } from "../platform/stream-descriptor.ts";
import { canOpenTerminal, resizeTerminal } from "../platform/terminal.ts";
import { endOfInput } from "../platform/terminal-end.ts";
import { loadPty } from "../pty/native-pty.ts";
import type { Child, ChildEvents, SpawnRequest, TerminalSize } from "./child.ts";
import { UNKNOWN_EXIT_CODE } from "./exit-code.ts";
import { ExitOrder } from "./exit-order.ts";
import type { EndNews, HandedTerminal } from "./handed-child.ts";
import { endedOutput, OutputReader } from "./output-reader.ts";
import { commandPid, sendSignal } from "./send-signal.ts";
import { UntakenInput } from "./untaken-input.ts";

/** Behind a terminal a death by signal is reported as plain failure. */
const TERMINAL_SIGNAL_EXIT_CODE = 1;

/** This side of a terminal. */
export interface TerminalEnds extends Pick<HandedTerminal, "fd" | "spare" | "lastByte"> {}

/**
 * A program may let go of its terminal and live on. Reading then ends, and closing this side would hang up on the program:
 * a second descriptor keeps the terminal until the leader is gone, and what came meanwhile is read from it.
 */
export class TerminalChild implements Child {
  readonly pid: number;
  readonly #events: ChildEvents;
  readonly #shape: SpawnRequest["shape"];
  #lastByte: number | undefined;
  #spare: number | undefined;
  #terminal: ReadStream | undefined;
  #untaken: UntakenInput | undefined;
  #reader: OutputReader;
  #exitOrder: ExitOrder | undefined;
  #status: ExitStatus | undefined;

  /** A child that was just started, behind the terminal of this descriptor. */
  static started(pid: number, fd: number, events: ChildEvents, shape: SpawnRequest["shape"]): TerminalChild {
    return new TerminalChild(pid, { fd, spare: duplicate(fd) }, events, shape);
  }

  constructor(pid: number, ends: TerminalEnds, events: ChildEvents, shape: SpawnRequest["shape"]) {
    this.pid = pid;
    this.#events = events;
    this.#shape = shape;
    this.#spare = ends.spare;
    this.#lastByte = ends.lastByte;
    this.#reader = this.#read(ends.fd);
  }

  leaderEnded(status: ExitStatus, news: EndNews = "untold"): void {
    this.#status = status;
    if (this.#reader.ended && this.#spare !== undefined) {
      const fd = this.#spare;
      this.#spare = undefined;
      this.#reader = this.#read(fd);
    }
    if (news === "untold") {
      this.#exitOrder = new ExitOrder([this.#reader], () => this.#events.exited(exitCodeOf(status)));
    }
    if (this.#reader.ended) this.#end();
  }

  write(data: Buffer, written: () => void): void {
    if (this.#terminal === undefined || this.#terminal.destroyed) {
      written();
      return;
    }
    const untaken = this.#untaken;
    this.#lastByte = data.at(-1);
    untaken?.add(data);
    this.#terminal.write(data, (error) => {
      untaken?.shift();
      if (error) this.#events.inputBroken();
      written();
    });
  }

  endInput(): void {
    const fd = this.#openEnd();
    if (fd !== undefined) this.write(endOfInput(fd, this.#lastByte), () => {});
  }

  resizeTerminal({ rows, columns }: TerminalSize): void {
    const fd = this.#openEnd();
    if (fd === undefined) return;
    if (canOpenTerminal()) resizeTerminal(fd, columns, rows);
    else loadPty().native.resize(fd, columns, rows);
  }

  /** A descriptor of this side that is open. */
  #openEnd(): number | undefined {
    return this.#spare ?? (this.#terminal && descriptorOf(this.#terminal));
  }

  pauseOutput(): void {
    this.#reader.pause();
  }

  resumeOutput(): void {
    this.#reader.resume();
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

  get #leader(): "unreaped" | "reaped" {
    return this.#status === undefined ? "unreaped" : "reaped";
  }

  abandonOutput(): void {
    this.#reader.abandon();
  }

  handOver(bytes: OutgoingBytes): HandedTerminal {
    return {
      kind: "terminal",
      leader: { pid: this.pid, shape: this.#shape, status: this.#status },
      fd: this.#reader.handOver(),
      spare: this.#spare,
      untaken: bytes.put(...(this.#untaken?.rest() ?? [])),
      lastByte: this.#lastByte,
    };
  }

  /** @param fd - Absent: there is nothing more to read. */
  #read(fd: number | undefined): OutputReader {
    const terminal = fd === undefined ? undefined : new ReadStream(fd);
    this.#terminal = terminal;
    this.#untaken = terminal && new UntakenInput(terminal);
    const ended = () => {
      this.#events.inputBroken();
      if (this.#status !== undefined) this.#end();
    };
    const data = (chunk: Buffer) => this.#events.output("pty", chunk);
    return new OutputReader(
      (take) => terminal?.on("data", take) ?? endedOutput(),
      { data, ended },
      () => fd !== undefined && pollNow(fd),
    );
  }

  #end(): void {
    if (this.#spare !== undefined) closeSync(this.#spare);
    this.#spare = undefined;
    this.#exitOrder?.poke();
    this.#events.ended();
  }
}

/** Go on with a child that another program began. What its input has yet to take is its owner's to write. */
export function adoptTerminal(handed: HandedTerminal, events: ChildEvents): TerminalChild {
  return new TerminalChild(handed.leader.pid, handed, events, handed.leader.shape);
}

function exitCodeOf({ code, signal }: ExitStatus): number {
  if (signal !== null && signal > 0) return TERMINAL_SIGNAL_EXIT_CODE;
  return code === null || code < 0 ? UNKNOWN_EXIT_CODE : code;
}
