import type { Maybe } from "../maybe.ts";
import type { Child, ChildEvents, SpawnRequest, TerminalSize } from "./child.ts";
import { spawnPipe } from "./spawn-pipe.ts";
import { spawnPty } from "./spawn-pty.ts";

/** Whose process it becomes. */
export interface ProcessOwner {
  /**
   * Nothing may run without an owner, and it may end while a start waits for its turn, its plan or a lock.
   *
   * @throws RegistrationFault when it has ended.
   */
  checkAlive(): void;
}

/** How a child is connected, and for whom it runs. */
export interface SpawnTerms extends Pick<SpawnRequest, "serial"> {
  readonly tty: boolean;
  /** Of the terminal. Absent: 24 rows and 80 columns. */
  readonly terminalSize?: TerminalSize | undefined;
  /** Behind pipes: `null` gives the child an immediate end of file. */
  readonly input: "pipe" | "null";
  /** Absent: the starter. */
  readonly owner?: ProcessOwner | undefined;
}

/** Start a program behind a terminal or pipes. @throws SpawnFault, or what its owner throws (or rejects with it). */
export function spawnChild(
  request: SpawnRequest,
  { tty, terminalSize, input, owner }: SpawnTerms,
  events: ChildEvents,
): Maybe<Child> {
  owner?.checkAlive();
  return tty ? spawnPty(request, events, terminalSize) : spawnPipe(request, input, events);
}
