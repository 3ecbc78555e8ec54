import type { Clock } from "@holdfast/rpc";
import { type LaunchPlan, SandboxError, type SandboxIntent } from "@holdfast/sandbox";
import type { Log } from "../platform/ports.ts";
import type { Child, ChildEvents, SpawnRequest } from "../process/index.ts";
import { type StopWatching, watchProcessCount } from "./process-count.ts";
import type { ConfinedOutcome, Sandboxing } from "./sandboxing.ts";
import type { SyntheticTargets } from "./synthetic-targets.ts";

/** How a child is started once it is known what to start. */
export type Spawn = (request: SpawnRequest, events: ChildEvents) => Child | Promise<Child>;

export interface ConfinedLaunchOptions {
  readonly sandboxing: Sandboxing;
  readonly targets: SyntheticTargets;
  readonly delay: Pick<Clock, "after">;
  readonly log: Log;
}

/** What is kept for the time of one run. */
class Run {
  readonly #endings: (() => void)[] = [];
  #state: "running" | "ended" = "running";

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

/** Plans confined commands and runs the plans: what must exist meanwhile exists, and what is limited stays so. */
export class ConfinedLaunch {
  readonly #options: ConfinedLaunchOptions;
  readonly #runs = new Set<Run>();
  readonly #waiting: (() => void)[] = [];

  constructor(options: ConfinedLaunchOptions) {
    this.#options = options;
  }

  /** @throws SandboxError (or rejects with it) when nothing may be started. */
  plan(intent: SandboxIntent): LaunchPlan | Promise<LaunchPlan> {
    const plan = this.#options.sandboxing.plan(intent);
    return plan instanceof Promise ? plan.then(runnable) : runnable(plan);
  }

  /** Can files be confined here? As far as it is known without waiting. */
  get isLikely(): boolean {
    return this.#options.sandboxing.isLikely;
  }

  wasDenied(outcome: ConfinedOutcome): boolean {
    return this.#options.sandboxing.wasDenied(outcome);
  }

  /**
   * Start what a plan says.
   *
   * @throws SandboxError, or whatever `spawn` throws; nothing is left behind then.
   */
  start(plan: LaunchPlan, intent: SandboxIntent, events: ChildEvents, spawn: Spawn): Child | Promise<Child> {
    const run = new Run();
    const hold = this.#options.targets.hold(plan.syntheticTargets);
    run.atEnd(() => this.#released(run, hold));
    this.#runs.add(run);
    const exited = (exitCode: number) => {
      run.end();
      events.exited(exitCode);
    };
    try {
      const child = spawn(requestOf(plan, intent), { ...events, exited });
      if (!(child instanceof Promise)) return this.#limited(plan, child, run);
      return child.then(
        (late) => this.#limited(plan, late, run),
        (thrown: unknown) => {
          run.end();
          throw thrown;
        },
      );
    } catch (thrown) {
      run.end();
      throw thrown;
    }
  }

  /** Resolves when no run is under way, or after `patienceMs`. */
  settled(patienceMs: number): Promise<void> {
    if (this.#runs.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.delay.after(patienceMs, resolve);
    this.#waiting.push(() => {
      timer.cancel();
      resolve();
    });
    return promise;
  }

  #limited({ maxProcesses }: LaunchPlan, child: Child, run: Run): Child {
    if (maxProcesses === undefined) return child;
    const { delay, log } = this.#options;
    const stop: StopWatching = watchProcessCount(child.pid, maxProcesses, delay, () => {
      log.warn(`a confined command was ended: it had more than ${maxProcesses} processes`);
      child.kill();
    });
    run.atEnd(stop);
    return child;
  }

  #released(run: Run, hold: { release(): void }): void {
    try {
      hold.release();
    } catch (thrown) {
      // The next executor takes them away: it finds no living user.
      this.#options.log.warn(`mount targets stay: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
    this.#runs.delete(run);
    if (this.#runs.size === 0) for (const proceed of this.#waiting.splice(0)) proceed();
  }
}

/** @throws SandboxError for a plan that needs what is not there. */
function runnable(plan: LaunchPlan): LaunchPlan {
  if (plan.proxyRoutes.length === 0) return plan;
  throw new SandboxError("unenforceable", "a network proxy can't be reached from inside a sandbox here");
}

function requestOf(plan: LaunchPlan, intent: SandboxIntent): SpawnRequest {
  return {
    argv: [plan.file, ...plan.args],
    arg0: plan.arg0,
    cwd: Buffer.from(plan.cwd),
    env: plan.env,
    descriptors: plan.descriptors,
    // A plan that confines nothing is the command itself; a wrapper has its own words before it.
    shape: plan.args.length < intent.argv.length ? "plain" : "wrapped",
  };
}
