import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { type LaunchPlan, type Machine, type ProbeOptions, plan, probeMachine, wasDenied } from "@holdfast/sandbox";
import type { Sandboxing } from "./sandboxing.ts";

const WRAPPER = "bwrap";

type State =
  | { readonly kind: "probing"; readonly machine: Promise<Machine> }
  | { readonly kind: "known"; readonly machine: Machine };

/** What this very machine can do. It is tried out at once; what is missing is looked for again when it is asked for. */
export class MachineSandboxing implements Sandboxing {
  readonly #options: ProbeOptions;
  #state: State;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#state = this.#probe();
  }

  get isLikely(): boolean {
    if (this.#state.kind === "known") return this.#state.machine.means.kind === "linux";
    // The trial is still under way: say what it will find on all but broken machines.
    return process.platform === "linux" && (this.#options.env.PATH ?? "").split(":").some(hasWrapper);
  }

  plan(...[intent]: Parameters<Sandboxing["plan"]>): LaunchPlan | Promise<LaunchPlan> {
    if (this.#state.kind === "known" && this.#state.machine.means.kind === "unavailable") this.#state = this.#probe();
    if (this.#state.kind === "known") return plan(intent, this.#state.machine);
    return this.#state.machine.then((machine) => plan(intent, machine));
  }

  wasDenied(...[outcome]: Parameters<Sandboxing["wasDenied"]>): boolean {
    return wasDenied(outcome);
  }

  #probe(): State {
    const machine = probeMachine(this.#options);
    void machine.then((found) => {
      this.#state = { kind: "known", machine: found };
    });
    return { kind: "probing", machine };
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
