import type { ChildProcess } from "node:child_process";
import type { Clock, Timer } from "../clock.ts";

/** What became of a child. Exactly one member is set. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child that leads a process group of its own, and the ending of all of it. */
export class ProcessGroup {
  readonly exited: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #killGraceMs: number;
  #state: "running" | "terminating" | "exited" = "running";
  #killTimer: Timer | undefined;

  constructor(child: ChildProcess, options: { readonly clock: Clock; readonly killGraceMs: number }) {
    this.#child = child;
    this.#clock = options.clock;
    this.#killGraceMs = options.killGraceMs;
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

  kill(): void {
    if (this.#state !== "exited") this.#signal("SIGKILL");
  }

  #onExit(): void {
    this.#state = "exited";
    this.#killTimer?.cancel();
    // Members that the leader left behind would not be ended later, and its number may soon belong to another group.
    this.#signal("SIGKILL");
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // ESRCH: the group is empty.
    }
  }
}
