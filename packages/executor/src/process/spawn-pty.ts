import { isUtf8 } from "node:buffer";
import { chownSync, closeSync, statSync } from "node:fs";
import { extname } from "node:path";
import { ReadStream } from "node:tty";
import { fileURLToPath } from "node:url";
import { PTY_COLUMNS, PTY_ROWS } from "@holdfast/exec-server-protocol";
import { isWholeText } from "@holdfast/sandbox/native-text";
import { startGuarded } from "../guardian/index.ts";
import { duplicate } from "../platform/descriptors.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { pollNow } from "../platform/poll-now.ts";
import { canOpenTerminal, openTerminal } from "../platform/terminal.ts";
import { endOfInput } from "../platform/terminal-end.ts";
import { loadPty } from "../pty/native-pty.ts";
import { type Child, type ChildEvents, SpawnFault, type SpawnRequest, type TerminalSize } from "./child.ts";
import { UNKNOWN_EXIT_CODE } from "./exit-code.ts";
import { ExitOrder } from "./exit-order.ts";
import { canLaunchDirectly, launchDirectly } from "./launch.ts";
import { OutputReader } from "./output-reader.ts";
import { hasProgramFormat } from "./program-format.ts";
import { checkLaunch } from "./resolve-program.ts";
import { commandPid, sendSignal } from "./send-signal.ts";
import { spawnRefusal } from "./spawn-refusal.ts";
import { WorkingDirectory } from "./working-directory.ts";

/** Behind a terminal a death by signal is reported as plain failure. */
const TERMINAL_SIGNAL_EXIT_CODE = 1;
const UNCHANGED = -1;

function checkText(request: SpawnRequest): void {
  const texts = [...request.argv, request.arg0 ?? "", ...Object.entries(request.env).flat()];
  if (texts.some((text) => text.includes("\0"))) throw new SpawnFault("nul byte found in provided data");
}

/**
 * Whether the terminal library can hand it on: it makes UTF-8 of everything, and its child enters the folder when this process may long
 * have closed what led there.
 */
function isText({ env, cwd }: SpawnRequest): boolean {
  return isUtf8(cwd) && Object.entries(env).every((entry) => isWholeText(entry.join("=")));
}

/** Where {@link spawnOnOwnTerminal} works, nothing stands between the terminal and the program. */
function canUseOwnTerminal(): boolean {
  return canLaunchDirectly() && canOpenTerminal();
}

/** The terminal library can not set `argv[0]`: a small program in between replaces itself by the real one. */
function launchArgv(request: SpawnRequest): readonly string[] {
  if (request.arg0 === undefined) return request.argv;
  const launcher = fileURLToPath(new URL(`../pty/launch-as${extname(import.meta.url)}`, import.meta.url));
  return [process.execPath, launcher, request.arg0, ...request.argv];
}

const DEFAULT_SIZE: TerminalSize = { rows: PTY_ROWS, columns: PTY_COLUMNS };

/**
 * Start a program behind a terminal.
 *
 * @param size - Default 24 rows and 80 columns.
 * @throws SpawnFault, also for a missing folder: the command must not run somewhere else.
 */
export function spawnPty(request: SpawnRequest, events: ChildEvents, size: TerminalSize = DEFAULT_SIZE): Child {
  const program = request.argv[0] ?? "";
  if (program === "") throw new SpawnFault("missing program for PTY spawn");
  checkText(request);
  try {
    if (request.streamOwner !== undefined) return spawnOnOwnTerminal(request, events, { size, isControlling: true });
    const isConfined = request.descriptors !== undefined && request.descriptors.length > 0;
    if (isConfined) return spawnOnOwnTerminal(request, events, { size, isControlling: false });
    if ((request.arg0 !== undefined || !isText(request)) && canUseOwnTerminal()) {
      return spawnOnOwnTerminal(request, events, { size, isControlling: true });
    }
    using cwd = new WorkingDirectory(request.cwd);
    // Only the system knows whether it runs what begins like no program, and only so no shell is asked.
    if (!hasProgramFormat(checkLaunch(program, cwd.path, request.env))) {
      return spawnOnOwnTerminal(request, events, { size, isControlling: true });
    }
    const [file = program, ...args] = launchArgv(request);
    const environment = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
    const { native, helperPath } = loadPty();
    let child: PtyChild | undefined;
    const exited = (code: number, signal: number) => child?.leaderExited(code, signal);
    const { columns, rows } = size;
    const fork = () =>
      native.fork(file, args, environment, cwd.path, columns, rows, UNCHANGED, UNCHANGED, true, helperPath, exited);
    const forked = startGuarded(fork, request.serial);
    child = new PtyChild(forked.pid, forked.fd, events, request.shape);
    return child;
  } catch (thrown) {
    if (thrown instanceof SpawnFault) throw thrown;
    const name = errnoName(thrown);
    if (name !== undefined && osErrorText(name) !== undefined) throw spawnRefusal(name, { cause: thrown });
    throw new SpawnFault(thrown instanceof Error ? thrown.message : "no terminal could be opened", { cause: thrown });
  }
}

/**
 * The terminal library hands down no descriptors and no `argv[0]`, so the terminal is made here.
 *
 * @param isControlling - A confined program gets its terminal from what confines it.
 */
function spawnOnOwnTerminal(
  request: SpawnRequest,
  events: ChildEvents,
  { size, isControlling }: { readonly size: TerminalSize; readonly isControlling: boolean },
): Child {
  if (!canUseOwnTerminal()) {
    if ((request.descriptors ?? []).length === 0) throw spawnRefusal("ENOEXEC");
    throw new SpawnFault("a confined program can't be started behind a terminal here: the C library can't be called");
  }
  const terminal = openTerminal(size.columns, size.rows);
  let child: PtyChild | undefined;
  try {
    if (request.streamOwner !== undefined) {
      chownSync(terminal.path, request.streamOwner.uid, statSync(terminal.path).gid);
    }
    const standard = { terminal: terminal.path, isControlling };
    const pid = launchDirectly(request, { standard }, ({ code, signal }) =>
      child?.leaderExited(code ?? UNKNOWN_EXIT_CODE, signal ?? 0),
    );
    child = new PtyChild(pid, terminal.master, events, request.shape);
    return child;
  } catch (thrown) {
    closeSync(terminal.master);
    throw thrown;
  }
}

/**
 * A program may let go of its terminal and live on. Reading then ends, and closing this side would hang up on the program:
 * a second descriptor keeps the terminal until the leader is gone, and what came meanwhile is read from it.
 */
class PtyChild implements Child {
  readonly pid: number;
  readonly #events: ChildEvents;
  readonly #shape: SpawnRequest["shape"];
  readonly #fd: number;
  #lastByte: number | undefined;
  #spare: number | undefined;
  #terminal: ReadStream;
  #reader: OutputReader;
  #exitOrder: ExitOrder | undefined;

  constructor(pid: number, fd: number, events: ChildEvents, shape: SpawnRequest["shape"]) {
    this.pid = pid;
    this.#events = events;
    this.#shape = shape;
    this.#fd = fd;
    this.#spare = duplicate(fd);
    this.#terminal = new ReadStream(fd);
    this.#reader = this.#read(this.#terminal, fd);
  }

  leaderExited(code: number, signal: number): void {
    const exitCode = signal > 0 ? TERMINAL_SIGNAL_EXIT_CODE : code < 0 ? UNKNOWN_EXIT_CODE : code;
    if (this.#reader.ended && this.#spare !== undefined) {
      const fd = this.#spare;
      this.#terminal = new ReadStream(fd);
      this.#spare = undefined;
      this.#reader = this.#read(this.#terminal, fd);
    }
    this.#exitOrder = new ExitOrder([this.#reader], () => this.#events.exited(exitCode));
    if (this.#reader.ended) this.#end();
  }

  write(data: Buffer, written: () => void): void {
    if (this.#terminal.destroyed) {
      written();
      return;
    }
    this.#lastByte = data.at(-1);
    this.#terminal.write(data, (error) => {
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
    if (fd !== undefined) loadPty().native.resize(fd, columns, rows);
  }

  /** A descriptor of this side that is open. */
  #openEnd(): number | undefined {
    return this.#spare ?? (this.#terminal.destroyed ? undefined : this.#fd);
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
    return this.#exitOrder === undefined ? "unreaped" : "reaped";
  }

  abandonOutput(): void {
    this.#reader.abandon();
  }

  #read(terminal: ReadStream, fd: number): OutputReader {
    const ended = () => {
      this.#events.inputBroken();
      if (this.#exitOrder !== undefined) this.#end();
    };
    const data = (chunk: Buffer) => this.#events.output("pty", chunk);
    return new OutputReader(
      (take) => terminal.on("data", take),
      { data, ended },
      () => pollNow(fd),
    );
  }

  #end(): void {
    if (this.#spare !== undefined) closeSync(this.#spare);
    this.#spare = undefined;
    this.#exitOrder?.poke();
    this.#events.ended();
  }
}
