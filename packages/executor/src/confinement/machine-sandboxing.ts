import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "@holdfast/rpc";
import {
  type CommandLimitMeans,
  type LaunchPlan,
  type Machine,
  type ProbeOptions,
  probeMachine,
  type SandboxIntent,
  wasDenied,
} from "@holdfast/sandbox";
import { findLimitMeans } from "../control-groups/index.ts";
import { Planner } from "../planning/index.ts";
import { ownPlaces } from "./own-places.ts";
import type { Sandboxing } from "./sandboxing.ts";

const WRAPPER = "bwrap";

type State =
  | { readonly kind: "untried" }
  | { readonly kind: "probing"; readonly machine: Promise<Machine> }
  | { readonly kind: "known"; readonly machine: Machine };

/** What this very machine can do. It is tried out at the first connection; what is missing is looked for again when asked for. */
export class MachineSandboxing implements Sandboxing {
  readonly #options: ProbeOptions;
  readonly #hiddenPlaces: () => readonly string[];
  readonly #planner: Planner;
  readonly #closed = new AbortController();
  #state: State = { kind: "untried" };
  #limitMeans: CommandLimitMeans | undefined;

  /**
   * @param options.ownPlaces - What the program consists of beside this package and what that loads.
   * @param hiddenPlaces - What no command may see, asked for at each plan.
   */
  constructor(
    options: ProbeOptions,
    hiddenPlaces: () => readonly string[] = () => [],
    delay: Pick<Clock, "after"> = systemClock,
  ) {
    this.#options = options;
    this.#hiddenPlaces = hiddenPlaces;
    this.#planner = new Planner(delay);
  }

  tryOut(): void {
    if (this.#state.kind === "untried") void this.#probe();
  }

  get isLikely(): boolean {
    if (this.#state.kind === "known") return this.#state.machine.means.kind === "linux";
    // Until the trial is done: say what it will find on all but broken machines.
    return process.platform === "linux" && (this.#options.env.PATH ?? "").split(":").some(hasWrapper);
  }

  plan(...[intent]: Parameters<Sandboxing["plan"]>): LaunchPlan | Promise<LaunchPlan> {
    const state = this.#state;
    if (state.kind === "known" && state.machine.means.kind !== "unavailable") return this.#plan(intent, state.machine);
    const trial = state.kind === "probing" ? state.machine : this.#probe();
    return trial.then((machine) => this.#plan(intent, machine));
  }

  wasDenied(...[outcome]: Parameters<Sandboxing["wasDenied"]>): boolean {
    return wasDenied(outcome);
  }

  close(): void {
    this.#closed.abort();
    this.#planner.close();
  }

  #plan(intent: SandboxIntent, machine: Machine): LaunchPlan | Promise<LaunchPlan> {
    const limitMeans = intent.limits && this.#knownLimitMeans();
    return this.#planner.plan(intent, { ...machine, hiddenPlaces: this.#hiddenPlaces(), limitMeans });
  }

  /** Looked for when the first limit is asked for, and again as long as one is missing. */
  #knownLimitMeans(): CommandLimitMeans {
    const means = this.#limitMeans ?? findLimitMeans();
    if (means.memory.kind !== "none" && means.processes.kind !== "none") this.#limitMeans = means;
    return means;
  }

  #probe(): Promise<Machine> {
    const { signal } = this.#closed;
    const machine = probeMachine({ ...this.#options, ownPlaces: ownPlaces(this.#options.ownPlaces), signal });
    this.#state = { kind: "probing", machine };
    void machine.then((found) => {
      this.#state = { kind: "known", machine: found };
    });
    return machine;
  }
}

function hasWrapper(folder: string): boolean {
  try {
    accessSync(join(folder, WRAPPER), constants.X_OK);
    return folder !== "";
  } catch {
    return false;
  }
}
