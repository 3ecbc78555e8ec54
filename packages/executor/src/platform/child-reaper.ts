import { isMainThread } from "node:worker_threads";
import { lazily } from "./c-library.ts";

const [P_ALL, P_PID] = [0, 1];
const WNOHANG = 1;
const WEXITED = 4;
/** Look without taking the status away: the child may belong to other code. */
const WNOWAIT = 0x0100_0000;
const INFO_BYTES = 128;
/** `siginfo_t.si_pid` on 64-bit Linux. */
const INFO_PID_OFFSET = 16;
/** The longest interval a timer takes. */
const FOREVER_MS = 2 ** 31 - 1;

/** How a child ended. */
export interface ExitStatus {
  readonly code: number | null;
  /** Number of the signal that ended it. */
  readonly signal: number | null;
}

const functions = lazily((library) => ({
  waitid: library.func("int waitid(int type, int id, void *info, int options)"),
  waitpid: library.func("int waitpid(int pid, _Out_ int *status, int options)"),
}));

/** Signals reach the main thread only. */
export function canReap(): boolean {
  return isMainThread && functions() !== undefined;
}

interface Waiting {
  readonly ended: (status: ExitStatus) => void;
  readonly attendance: Attendance;
}

/** Whether the program stays for the child's end, or may end before it. */
export type Attendance = "attended" | "unattended";

const waiting = new Map<number, Waiting>();
let attendedCount = 0;
let keepAlive: NodeJS.Timeout | undefined;
let listening = false;

/** Hear how a child of this process ends; its status is taken then. Call in the turn that started it. */
export function onChildExit(
  pid: number,
  ended: (status: ExitStatus) => void,
  attendance: Attendance = "attended",
): void {
  if (!listening) {
    process.on("SIGCHLD", reap);
    // The first child may have ended before anyone listened.
    setImmediate(reap);
    listening = true;
  }
  waiting.set(pid, { ended, attendance });
  if (attendance === "unattended") return;
  attendedCount += 1;
  // A signal handler keeps no program alive, but a running child should.
  keepAlive ??= setInterval(() => {}, FOREVER_MS);
}

/**
 * Take the status of every child that is there and not awaited when it ends: those that another program in this very process has
 * started and does not speak of. Call when all others are awaited.
 */
export function reapRest(children: readonly number[]): void {
  for (const pid of children) if (!waiting.has(pid)) onChildExit(pid, () => {}, "unattended");
}

/** Whether the end of this child is awaited here. */
export function isAwaited(pid: number): boolean {
  return waiting.has(pid);
}

/** Whether it is a child of this process whose status was not taken: then the id is no other's. */
export function isUnreapedChild(pid: number): boolean {
  return functions()?.waitid(P_PID, pid, Buffer.alloc(INFO_BYTES), WEXITED | WNOHANG | WNOWAIT) === 0;
}

/** Take the status of a dead child that is not awaited. False where that can't be done. */
export function collect(pid: number): boolean {
  return functions()?.waitpid(pid, [0], WNOHANG) === pid;
}

/** One signal may stand for many ends: take statuses until there is none. */
function reap(): void {
  const calls = functions();
  if (calls === undefined) return;
  const info = Buffer.alloc(INFO_BYTES);
  for (;;) {
    info.writeInt32LE(0, INFO_PID_OFFSET);
    if (calls.waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) !== 0) return;
    const pid = info.readInt32LE(INFO_PID_OFFSET);
    if (pid === 0) return;
    if (!waiting.has(pid)) {
      // A child of other code comes first and hides ours: ask for each of ours by its id.
      for (const own of [...waiting.keys()]) take(own);
      return;
    }
    if (!take(pid)) return;
  }
}

function take(pid: number): boolean {
  const status: [number] = [0];
  if (functions()?.waitpid(pid, status, WNOHANG) !== pid) return false;
  const child = waiting.get(pid);
  waiting.delete(pid);
  if (child?.attendance === "attended") {
    attendedCount -= 1;
    if (attendedCount === 0) {
      clearInterval(keepAlive);
      keepAlive = undefined;
    }
  }
  child?.ended(decode(status[0]));
  return true;
}

/** The layout that every Unix shares: low seven bits the signal, the next byte the code. */
function decode(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal };
}
