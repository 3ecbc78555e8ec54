import type { Child } from "../process/index.ts";

/** A run that another program goes on with. */
export interface HandedRun {
  /** Id of what confines it. */
  readonly pid: number;
  readonly groups: readonly string[];
  readonly targets: readonly string[];
  /** Descriptors of places that are held. */
  readonly places: readonly number[];
  readonly hasNetwork: boolean;
  readonly maxProcesses?: number | undefined;
}

/** Tells what is kept for a run. Absent: it can not be handed over. */
export type TellHeld = () => Omit<HandedRun, "pid">;

/** What a run knows of its child. */
type RunChild = Pick<Child, "pid" | "kill">;

/** What is kept for the time of one confined run, from before its start until its leader has ended. */
export class ConfinedRun {
  readonly #endings: (() => void)[] = [];
  #state: "running" | "doomed" | "ended" = "running";
  #child: RunChild | undefined;
  #tellHeld: TellHeld | undefined;

  adopt(child: RunChild): void {
    this.#child = child;
    if (this.#state === "doomed") child.kill();
  }

  /** What is kept, for the next program. */
  keeps(tellHeld: TellHeld): void {
    this.#tellHeld = tellHeld;
  }

  /** Whether it needs what can't be handed over. */
  get isBound(): boolean {
    return this.#state !== "ended" && this.#tellHeld === undefined;
  }

  /** Whether its start is not over. */
  get isUnsettled(): boolean {
    return this.#state !== "ended" && this.#child === undefined;
  }

  /** For the next program; `undefined` once it has ended. */
  handOver(): HandedRun | undefined {
    if (this.#state === "ended" || this.#child === undefined || this.#tellHeld === undefined) return undefined;
    return { pid: this.#child.pid, ...this.#tellHeld() };
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
