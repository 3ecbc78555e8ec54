import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { Clock } from "@holdfast/rpc";
import type { CommandLimits, ManagedNetworkAccess, NetworkProxyConfig, SandboxType } from "@holdfast/sandbox";
import type { ConfinedLaunch } from "../confinement/index.ts";
import { andThen, type Maybe } from "../maybe.ts";
import {
  type Child,
  type ChildEvents,
  type DenialJudge,
  type SpawnRequest,
  spawnPipe,
  spawnPty,
} from "../process/index.ts";
import { closingProxy, startProxy, withProxyEnvironment } from "./beside-proxy.ts";
import { sandboxIntent } from "./sandbox-intent.ts";
import { SpawnScheduler } from "./spawn-scheduler.ts";
import type { StartRequest } from "./start-request.ts";

/** Whose process it becomes. Starts of one owner come in order, and owners take turns. */
export interface StartOwner {
  /**
   * Nothing is to run that nobody owns, and it may end while a start waits for its turn, its plan or a lock.
   *
   * @throws RegistrationFault when it has ended.
   */
  checkAlive(): void;
}

/** One start on its way. */
interface Start {
  readonly owner: StartOwner;
  readonly request: StartRequest;
  readonly events: ChildEvents;
  /** To a proxy that was started for it. */
  readonly access?: ManagedNetworkAccess;
}

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

  constructor({ confinement, delay, commandLimits }: ProcessStarterOptions) {
    this.#confinement = confinement;
    this.#delay = delay;
    this.#commandLimits = commandLimits;
  }

  /**
   * Start a command when its turn has come: at once where nobody waits. Nothing is left of it when that fails.
   *
   * @throws SandboxError when it must not be started as it was asked for, SpawnFault when it can not be, or what the owner
   *   throws (or rejects with it).
   */
  start(owner: StartOwner, request: StartRequest, events: ChildEvents): Maybe<Started> {
    return this.#scheduler.run(owner, () => {
      // Spares the plan and the proxy.
      owner.checkAlive();
      const { networkProxy } = request;
      const start = { owner, request, events };
      return networkProxy === undefined ? this.#launch(start) : this.#launchBesideProxy(networkProxy, start);
    });
  }

  /** Environment and ports are of one snapshot of the proxy. */
  async #launchBesideProxy(config: NetworkProxyConfig, { owner, request, events }: Start): Promise<Started> {
    const proxy = await startProxy(config);
    try {
      const led = { ...request, env: withProxyEnvironment(request.env, proxy) };
      const { access } = proxy;
      return await this.#launch({ owner, request: led, events: closingProxy(events, proxy), access });
    } catch (thrown) {
      await proxy.close();
      throw thrown;
    }
  }

  #launch(start: Start): Maybe<Started> {
    const { sandbox } = start.request;
    return sandbox === undefined ? launchPlain(start) : this.#launchConfined(sandbox, start);
  }

  #launchConfined(sandbox: ParsedFileSystemSandboxContext, start: Start): Maybe<Started> {
    const { request, events, access } = start;
    const intent = { ...sandboxIntent(request, sandbox, access), limits: this.#commandLimits };
    const { serial } = request;
    return andThen(this.#confinement.plan(intent), (plan) => {
      const child = this.#confinement.start(plan, intent, events, (wrapped, watched) =>
        spawn(start, { ...wrapped, serial }, watched),
      );
      return andThen(child, (late) => this.#confined(late, plan.sandboxType));
    });
  }

  #confined(child: Child, sandboxType: SandboxType): Started {
    const wasDenied: DenialJudge["wasDenied"] = (outcome) => this.#confinement.wasDenied({ ...outcome, sandboxType });
    return { child, sandboxType, judge: { delay: this.#delay, wasDenied } };
  }
}

function launchPlain(start: Start): Maybe<Started> {
  const child = spawn(start, start.request, start.events);
  return andThen(child, (late): Started => ({ child: late, sandboxType: "none", judge: undefined }));
}

function spawn({ owner, request: { tty, input } }: Start, request: SpawnRequest, events: ChildEvents): Maybe<Child> {
  owner.checkAlive();
  return tty ? spawnPty(request, events) : spawnPipe(request, input, events);
}
