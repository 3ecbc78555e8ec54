import type { Clock } from "@holdfast/rpc";
import type { ManagedProcess } from "./managed-process.ts";

/** Between the first two looks for what a process left; each further pause is twice as long. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

/** How to end a process. */
export interface EndOptions {
  /** What lives so long after it was asked is killed. 0: nothing is asked. */
  readonly graceMs: number;
  readonly clock: Clock;
}

/**
 * End a process and all that descends from it, wherever it went: asked first, killed in the end. Resolves when nothing is left that can be
 * reached.
 *
 * @returns whether the process itself was alive.
 */
export async function endProcess(process: ManagedProcess, options: EndOptions): Promise<boolean> {
  const { state } = process;
  const wasAlive = state.kind === "running" || state.kind === "judging";
  const left = options.graceMs > 0 ? await ask(process, options) : "maybe";
  process.terminate({ includeDescendants: true });
  if (left === "maybe") await process.descent?.end();
  return wasAlive;
}

/** Resolves when nothing is left, or the grace is over. */
async function ask(process: ManagedProcess, { graceMs, clock }: EndOptions): Promise<"nothing" | "maybe"> {
  const endMs = clock.now() + graceMs;
  // What leads a group gave it its number, which is nobody's while members are left.
  const group = process.group ?? 0;
  if (process.hasInput && !process.facts.isTerminal) process.endInput();
  process.signal("SIGTERM");
  await exited(process, graceMs, clock);
  const asked = new Set<number>();
  for (let pauseMs = FIRST_PAUSE_MS; clock.now() < endMs; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const isLeft = await process.descent?.askLeft(group, asked);
    if (isLeft === false) return "nothing";
    if (isLeft === undefined) break;
    await pause(Math.min(pauseMs, Math.max(0, endMs - clock.now())), clock);
  }
  return "maybe";
}

/** Resolves when its leader has ended, or is late. */
async function exited(process: ManagedProcess, withinMs: number, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (process.state.kind !== "running" && process.state.kind !== "judging") resolve();
  };
  const unwatch = process.watch(check);
  const timer = clock.after(withinMs, resolve);
  check();
  await promise;
  timer.cancel();
  unwatch();
}

function pause(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
