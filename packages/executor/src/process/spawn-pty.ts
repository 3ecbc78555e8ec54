import { chownSync, closeSync, statSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { PTY_COLUMNS, PTY_ROWS } from "@holdfast/exec-server-protocol";
import { startGuarded } from "../guardian/index.ts";
import { NO_C_LIBRARY } from "../platform/c-library.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { canOpenTerminal, openTerminal } from "../platform/terminal.ts";
import { loadPty } from "../pty/native-pty.ts";
import { type Child, type ChildEvents, SpawnFault, type SpawnRequest, type TerminalSize } from "./child.ts";
import { canLaunchDirectly, launchDirectly } from "./launch.ts";
import { hasProgramFormat } from "./program-format.ts";
import { checkLaunch } from "./resolve-program.ts";
import { spawnRefusal } from "./spawn-refusal.ts";
import { TerminalChild } from "./terminal-child.ts";
import { WorkingDirectory } from "./working-directory.ts";

const UNCHANGED = -1;

function checkText(request: SpawnRequest): void {
  const texts = [...request.argv, request.arg0 ?? "", ...Object.entries(request.env).flat()];
  if (texts.some((text) => text.includes("\0"))) throw new SpawnFault("nul byte found in provided data");
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
    // The library takes the status of its children in a thread of its own: no other program could go on with them.
    if (canUseOwnTerminal()) return spawnOnOwnTerminal(request, events, { size, isControlling: true });
    using cwd = new WorkingDirectory(request.cwd);
    // Only the system knows whether it runs what begins like no program, and only so no shell is asked.
    if (!hasProgramFormat(checkLaunch(program, cwd.path, request.env))) throw spawnRefusal("ENOEXEC");
    const [file = program, ...args] = launchArgv(request);
    const environment = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
    const { native, helperPath } = loadPty();
    let child: TerminalChild | undefined;
    const exited = (code: number, signal: number) => child?.leaderEnded({ code, signal });
    const { columns, rows } = size;
    const fork = () =>
      native.fork(file, args, environment, cwd.path, columns, rows, UNCHANGED, UNCHANGED, true, helperPath, exited);
    const forked = startGuarded(fork, request.serial);
    child = TerminalChild.started(forked.pid, forked.fd, events, request.shape);
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
    throw new SpawnFault(`a confined program can't be started behind a terminal here: ${NO_C_LIBRARY}`);
  }
  const terminal = openTerminal(size.columns, size.rows);
  let child: TerminalChild | undefined;
  try {
    if (request.streamOwner !== undefined) {
      chownSync(terminal.path, request.streamOwner.uid, statSync(terminal.path).gid);
    }
    const standard = { terminal: terminal.path, isControlling };
    const pid = launchDirectly(request, { standard }, (status) => child?.leaderEnded(status));
    child = TerminalChild.started(pid, terminal.master, events, request.shape);
    return child;
  } catch (thrown) {
    closeSync(terminal.master);
    throw thrown;
  }
}
