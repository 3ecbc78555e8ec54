import { networkPolicyOf } from "@holdfast/permission-profile";
import type { Clock } from "@holdfast/rpc";
import { type LaunchPlan, SandboxError, type SandboxIntent } from "@holdfast/sandbox";
import type { CommandGroups } from "../control-groups/index.ts";
import { andThen, type Maybe, orElse } from "../maybe.ts";
import type { SyntheticTargets, TargetHold } from "../mount-targets/index.ts";
import { isUnreapedChild, onChildExit } from "../platform/child-reaper.ts";
import type { Log } from "../platform/ports.ts";
import { canPassDescriptors } from "../platform/socket-pair.ts";
import { signalGroup } from "../process/group.ts";
import { type Child, type ChildEvents, type SpawnRequest, type SpawnTerms, spawnChild } from "../process/index.ts";
import { ConfinedRun, type HandedRun } from "./confined-run.ts";
import { OpenProxyChannel } from "./open-proxy-channel.ts";
import { adoptPlaces, holdPlaces, type PlaceHold } from "./pinned-places.ts";
import { type StopWatching, watchProcessCount } from "./process-count.ts";
import type { ConfinedOutcome, Sandboxing } from "./sandboxing.ts";

export interface ConfinedLaunchOptions {
  readonly sandboxing: Sandboxing;
  readonly targets: SyntheticTargets;
  readonly groups: CommandGroups;
  readonly delay: Pick<Clock, "after">;
  readonly log: Log;
  /** Told of each command that could reach a listener of this executor. */
  readonly network: ConfinedNetwork;
}

/** Who looks after confined commands that have a network. */
export interface ConfinedNetwork {
  /** @returns what is called when it has ended. @throws SandboxError when it may not be started. */
  begin(): () => void;
}

/** What is held for a run. */
interface Held {
  readonly places: PlaceHold;
  readonly hold: TargetHold;
  readonly isNetworked: boolean;
}

/** Plans confined commands and runs the plans: what must exist meanwhile exists, and what is limited stays so. */
export class ConfinedLaunch {
  readonly #options: ConfinedLaunchOptions;
  readonly #runs = new Set<ConfinedRun>();
  readonly #waiting: (() => void)[] = [];

  constructor(options: ConfinedLaunchOptions) {
    this.#options = options;
  }

  /** @throws SandboxError (or rejects with it) when nothing may be started. */
  plan(intent: SandboxIntent): Maybe<LaunchPlan> {
    return andThen(this.#options.sandboxing.plan(intent), runnable);
  }

  /** Can files be confined here? As far as it is known without waiting. */
  get isLikely(): boolean {
    return this.#options.sandboxing.isLikely;
  }

  wasDenied(outcome: ConfinedOutcome): boolean {
    return this.#options.sandboxing.wasDenied(outcome);
  }

  /**
   * Start what a plan says, after everything that has to be there meanwhile.
   *
   * @throws SandboxError, or what `spawnChild` throws (or rejects with it); nothing is left behind then.
   */
  start(plan: LaunchPlan, intent: SandboxIntent, terms: SpawnTerms, events: ChildEvents): Maybe<Child> {
    const run = new ConfinedRun();
    return orElse(
      () => {
        const isNetworked = hasNetwork(plan, intent);
        if (isNetworked) run.atEnd(this.#options.network.begin());
        // First: what is made at the places belongs to the folders that were planned.
        const places = holdPlaces(plan.pinned, this.#options.delay);
        run.atEnd(() => places.release());
        const targets = this.#options.targets.hold(plan.syntheticTargets);
        return andThen(targets, (hold) => {
          this.#runs.add(run);
          run.atEnd(() => this.#release(run, hold));
          return this.#launch(plan, run, { places, hold, isNetworked }, terms, events);
        });
      },
      (thrown) => {
        run.end();
        throw thrown;
      },
    );
  }

  #launch(
    plan: LaunchPlan,
    run: ConfinedRun,
    { places, hold, isNetworked }: Held,
    terms: SpawnTerms,
    events: ChildEvents,
  ): Maybe<Child> {
    const way = this.#proxyChannelOf(plan, run);
    const groups = this.#options.groups.make(plan.groups ?? []);
    run.atEnd(() => groups.release());
    if (way === undefined) {
      run.keeps(() => ({
        groups: [...groups.paths],
        targets: [...hold.paths],
        places: [...places.descriptors],
        hasNetwork: isNetworked,
        maxProcesses: plan.maxProcesses,
      }));
    }
    const request = requestOf(plan, [...(way?.handed ?? []), ...groups.handed], terms.serial);
    const child = spawnChild(request, terms, endingRun(events, run));
    way?.handedOver();
    groups.handedOver();
    return andThen(child, (late) => this.#adopted(plan, late, run));
  }

  /** Number of runs that can't be handed over: their proxies live in this program. */
  get boundRuns(): number {
    return [...this.#runs].filter((run) => run.isBound).length;
  }

  /** Number of runs that have begun and have no child yet. */
  get unsettledRuns(): number {
    return [...this.#runs].filter((run) => run.isUnsettled).length;
  }

  /** Those that are under way, for the next program in this very process. */
  handOver(): readonly HandedRun[] {
    return [...this.#runs].flatMap((run) => run.handOver() ?? []);
  }

  /**
   * Go on with a run that another program began.
   *
   * @param start - Makes its child, which is to tell what happens by these events.
   */
  adopt<T extends { readonly child: Child }>(
    handed: HandedRun,
    events: ChildEvents,
    start: (events: ChildEvents) => T,
  ): T {
    const run = this.#adoptedRun(handed);
    const started = start(endingRun(events, run));
    this.#adopted(handed, started.child, run);
    return started;
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

  /** A command that has lost its proxy is ended: without it, it would only seem to have a network. */
  #proxyChannelOf(plan: LaunchPlan, run: ConfinedRun): OpenProxyChannel | undefined {
    if (plan.proxyChannel === undefined) return undefined;
    const failed = ({ message }: Error) => {
      this.#options.log.warn(`a confined command was ended: ${message}`);
      run.kill();
    };
    try {
      const channel = new OpenProxyChannel(plan, plan.proxyChannel, failed);
      run.atEnd(() => channel.close());
      return channel;
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new SandboxError("unenforceable", `no way to the network proxy: ${reason}`, { cause: thrown });
    }
  }

  /** Wait for the end of what a program in this very process ran beside its sessions: it was told to end. */
  adoptRest(handed: HandedRun): void {
    const run = this.#adoptedRun(handed);
    const { pid } = handed;
    // Its end may have been heard of there, and then the id may be another's.
    if (!isUnreapedChild(pid)) {
      run.end();
      return;
    }
    run.adopt({ pid, kill: () => void signalGroup(pid, "SIGKILL", "unreaped") });
    run.kill();
    onChildExit(pid, () => run.end(), "unattended");
  }

  /** With all that was kept for it, and without its child. */
  #adoptedRun(handed: HandedRun): ConfinedRun {
    const run = new ConfinedRun();
    const { delay, groups, network, targets } = this.#options;
    if (handed.hasNetwork) run.atEnd(network.begin());
    const places = adoptPlaces(handed.places, delay);
    run.atEnd(() => places.release());
    const hold = targets.adoptHold(handed.targets);
    this.#runs.add(run);
    run.atEnd(() => this.#release(run, hold));
    const made = groups.adoptHold(handed.groups);
    run.atEnd(() => made.release());
    run.keeps(() => ({
      ...handed,
      groups: [...made.paths],
      targets: [...hold.paths],
      places: [...places.descriptors],
    }));
    return run;
  }

  #adopted({ maxProcesses }: { readonly maxProcesses?: number | undefined }, child: Child, run: ConfinedRun): Child {
    run.adopt(child);
    if (maxProcesses === undefined) return child;
    const { delay, log } = this.#options;
    const stop: StopWatching = watchProcessCount(child.pid, maxProcesses, delay, () => {
      log.warn(`a confined command was ended: it had more than ${maxProcesses} processes`);
      child.kill();
    });
    run.atEnd(stop);
    return child;
  }

  #release(run: ConfinedRun, hold: TargetHold): void {
    const failed = (thrown: unknown): void => {
      // The guardian or the next executor takes them away: they find no living user.
      this.#options.log.warn(`mount targets stay: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      this.#settle(run);
    };
    try {
      const released = hold.release();
      if (released instanceof Promise) void released.then(() => this.#settle(run), failed);
      else this.#settle(run);
    } catch (thrown) {
      failed(thrown);
    }
  }

  #settle(run: ConfinedRun): void {
    this.#runs.delete(run);
    if (this.#runs.size === 0) for (const proceed of this.#waiting.splice(0)) proceed();
  }
}

/** @throws SandboxError for a plan that needs what is not there. */
function runnable(plan: LaunchPlan): LaunchPlan {
  if (plan.proxyRoutes.length === 0 || (plan.proxyChannel !== undefined && canPassDescriptors())) return plan;
  throw new SandboxError("unenforceable", "a network proxy can't be reached from inside a sandbox here");
}

/** Whether a confined command shares the network of this machine, or has a way into it that this process opens for it. */
function hasNetwork(plan: LaunchPlan, intent: SandboxIntent): boolean {
  if (!plan.wraps) return false;
  const isShared = networkPolicyOf(intent.context.permissions) === "enabled" && intent.enforceManagedNetwork !== true;
  return isShared || plan.proxyRoutes.length > 0;
}

function requestOf(plan: LaunchPlan, handed: SpawnRequest["handed"], serial: SpawnRequest["serial"]): SpawnRequest {
  return {
    argv: [plan.file, ...plan.args],
    arg0: plan.arg0,
    cwd: Buffer.from(plan.cwd),
    env: plan.env,
    descriptors: plan.descriptors,
    handed,
    shape: plan.wraps ? "wrapped" : "plain",
    serial,
  };
}

/** What happens to a command, whose run ends with its leader. */
function endingRun(events: ChildEvents, run: ConfinedRun): ChildEvents {
  const exited = (exitCode: number) => {
    run.end();
    events.exited(exitCode);
  };
  return { ...events, exited };
}
