import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { Clock } from "@holdfast/rpc";
import type { CommandLimits, NetworkProxyConfig, SandboxType } from "@holdfast/sandbox";
import type { ConfinedLaunch } from "../confinement/index.ts";
import { andThen, type Maybe } from "../maybe.ts";
import { findUser } from "../platform/system-user.ts";
import {
  type Child,
  type ChildEvents,
  type DenialJudge,
  HeldEvents,
  spawnAsUser,
  spawnChild,
} from "../process/index.ts";
import { resolveUser, withUserEnvironment } from "./as-user.ts";
import { closingProxy, startProxy, withProxyEnvironment } from "./beside-proxy.ts";
import { sandboxIntent } from "./sandbox-intent.ts";
import { SpawnScheduler } from "./spawn-scheduler.ts";
import type { OwnedStart, RequestedUser } from "./start-request.ts";
import { UserLookup } from "./user-lookup.ts";

/** What a start came to. */
export interface Started {
  readonly child: Child;
  readonly sandboxType: SandboxType;
  /** Of a confined command. */
  readonly judge: DenialJudge | undefined;
}

export interface ProcessStarterOptions {
  readonly confinement: ConfinedLaunch;
  readonly delay: Pick<Clock, "after">;
  /** What every confined command may take. Absent: no limits. */
  readonly commandLimits?: CommandLimits | undefined;
}

/** Starts commands: as they are, confined, or beside a proxy of their own. One for all connections: they share the event loop. */
export class ProcessStarter {
  readonly #confinement: ConfinedLaunch;
  readonly #delay: Pick<Clock, "after">;
  readonly #commandLimits: CommandLimits | undefined;
  readonly #scheduler = new SpawnScheduler();
  readonly #users: UserLookup;

  constructor({ confinement, delay, commandLimits }: ProcessStarterOptions) {
    this.#confinement = confinement;
    this.#delay = delay;
    this.#commandLimits = commandLimits;
    this.#users = new UserLookup(findUser, delay);
  }

  /**
   * Start a command when its turn has come: at once where no other start is queued. Nothing is left of it when that fails.
   *
   * @throws SandboxError when it must not be started as it was asked for, SpawnFault when it can not be, or what the owner
   *   throws (or rejects with it).
   */
  start(request: OwnedStart, events: ChildEvents): Maybe<Started> {
    const { networkProxy, owner } = request;
    return this.#scheduler.run(owner, () => {
      // Spares the plan and the proxy.
      owner.checkAlive();
      return networkProxy === undefined
        ? this.#launch(request, events)
        : this.#launchBesideProxy(networkProxy, request, events);
    });
  }

  /** Environment and ports are of one snapshot of the proxy. */
  async #launchBesideProxy(config: NetworkProxyConfig, request: OwnedStart, events: ChildEvents): Promise<Started> {
    const proxy = await startProxy(config);
    try {
      const proxied = { ...request, env: withProxyEnvironment(request.env, proxy), managedNetwork: proxy.access };
      return await this.#launch(proxied, closingProxy(events, proxy));
    } catch (thrown) {
      await proxy.close();
      throw thrown;
    }
  }

  #launch(request: OwnedStart, events: ChildEvents): Maybe<Started> {
    const { sandbox, user } = request;
    if (user !== undefined) return this.#launchAs(user, request, events);
    return sandbox === undefined ? launchPlain(request, events) : this.#launchConfined(sandbox, request, events);
  }

  async #launchAs(requested: RequestedUser, request: OwnedStart, events: ChildEvents): Promise<Started> {
    const { user, isOwn } = await resolveUser(requested, this.#users.find);
    const own = { ...request, env: withUserEnvironment(request.env, user, requested) };
    if (isOwn) return launchPlain(own, events);
    const held = new HeldEvents(events);
    const child = await spawnAsUser(own, user, { ...own, delay: this.#delay }, held.events);
    // When the process has adopted it: that is in this turn.
    setImmediate(() => held.release());
    return { child, sandboxType: "none", judge: undefined };
  }

  #launchConfined(sandbox: ParsedFileSystemSandboxContext, request: OwnedStart, events: ChildEvents): Maybe<Started> {
    const intent = { ...sandboxIntent(request, sandbox), limits: this.#commandLimits };
    return andThen(this.#confinement.plan(intent), (plan) => {
      const child = this.#confinement.start(plan, intent, request, events);
      return andThen(child, (late) => this.#confined(late, plan.sandboxType));
    });
  }

  #confined(child: Child, sandboxType: SandboxType): Started {
    return { child, sandboxType, judge: this.judgeOf(sandboxType) };
  }

  /** Of a command that is confined so. */
  judgeOf(sandboxType: SandboxType): DenialJudge {
    const wasDenied: DenialJudge["wasDenied"] = (outcome) => this.#confinement.wasDenied({ ...outcome, sandboxType });
    return { sandboxType, delay: this.#delay, wasDenied };
  }
}

function launchPlain(request: OwnedStart, events: ChildEvents): Maybe<Started> {
  const child = spawnChild(request, request, events);
  return andThen(child, (late): Started => ({ child: late, sandboxType: "none", judge: undefined }));
}
