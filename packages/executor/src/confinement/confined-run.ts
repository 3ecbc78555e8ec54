import type { Child } from "../process/index.ts";

/** What is kept for the time of one confined run, from before its start until its leader has ended. */
export class ConfinedRun {
  readonly #endings: (() => void)[] = [];
  #state: "running" | "doomed" | "ended" = "running";
  #child: Child | undefined;

  adopt(child: Child): void {
    this.#child = child;
    if (this.#state === "doomed") child.kill();
  }

  /** At once, or when the child is there. */
  kill(): void {
    if (this.#state !== "running") return;
    this.#state = "doomed";
    this.#child?.kill();
  }

  /** Called when the run has ended; at once if it has. */
  atEnd(ending: () => void): void {
    if (this.#state === "ended") ending();
    else this.#endings.push(ending);
  }

  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    for (const ending of this.#endings.splice(0)) ending();
  }
}
