import type { ChildProcess } from "node:child_process";
import type { Clock, Timer } from "../clock.ts";

/** What became of a child. Exactly one member is set. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessGroupOptions {
  readonly clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
  /** The child is in the group of this process: it alone is ended. Default false. */
  readonly isAlone?: boolean | undefined;
}

/** A child that leads a process group of its own, and the ending of all of it. */
export class ProcessGroup {
  readonly exited: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #killGraceMs: number;
  readonly #isAlone: boolean;
  #state: "running" | "terminating" | "exited" = "running";
  #killTimer: Timer | undefined;
  #graceTimer: Timer | undefined;

  constructor(child: ChildProcess, options: ProcessGroupOptions) {
    this.#child = child;
    this.#clock = options.clock;
    this.#killGraceMs = options.killGraceMs;
    this.#isAlone = options.isAlone ?? false;
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#onExit();
        resolve({ code, signal });
      });
    });
  }

  /** Ask the group to end; kill it when the grace is over. Idempotent. */
  terminate(): void {
    if (this.#state !== "running") return;
    this.#state = "terminating";
    this.#signal("SIGTERM");
    this.#killTimer = this.#clock.after(this.#killGraceMs, () => this.#signal("SIGKILL"));
  }

  /** The same after a while, unless the child has ended by itself by then. */
  terminateAfter(graceMs: number): void {
    if (graceMs === 0) this.terminate();
    else if (this.#state === "running") this.#graceTimer ??= this.#clock.after(graceMs, () => this.terminate());
  }

  kill(): void {
    if (this.#state !== "exited") this.#signal("SIGKILL");
  }

  #onExit(): void {
    this.#state = "exited";
    this.#killTimer?.cancel();
    this.#graceTimer?.cancel();
    // Members that the leader left behind would not be ended later, and its number may soon belong to another group.
    this.#signal("SIGKILL");
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (this.#isAlone || process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // ESRCH: the group is empty.
    }
  }
}
