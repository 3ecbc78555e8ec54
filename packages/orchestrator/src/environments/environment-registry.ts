import type { ConnectOptions, ConnectTarget } from "@holdfast/exec-client";
import { type Clock, systemClock } from "@holdfast/rpc";
import { anything, callback, checkOptions, flag, type OptionChecks, stringsByName, text } from "@holdfast/rpc/client";
import { checkRegistration, reservedLocal } from "./check-registration.ts";
import { type ConnectMeans, type ConnectPlan, connectPlan } from "./connect-plan.ts";
import { type EnvironmentDefinition, LOCAL_ENVIRONMENT_ID } from "./environment-definition.ts";
import { EnvironmentError, invalidEnvironment, unknownEnvironment } from "./environment-error.ts";
import type { EnvironmentHandle } from "./environment-handle.ts";
import { type EnvironmentEvent, type ReportedEnvironmentStatus, reportedStatus } from "./environment-status.ts";
import { ManagedEnvironment } from "./managed-environment.ts";
import { withoutSecrets } from "./secrets.ts";

const REGISTRY_OPTIONS: OptionChecks<EnvironmentRegistryOptions> = {
  environments: anything,
  defaultId: text,
  clientName: text,
  targetOf: callback,
  programEnv: stringsByName,
  // As `connect` takes them.
  recovery: anything,
  processConnections: anything,
  retryFailedStart: flag,
  connectsInBackground: flag,
  clock: anything,
};

const CLIENT_NAME = "holdfast-environment";

export interface EnvironmentRegistryOptions {
  /** Those that are there from the beginning, in the order in which they are told. Default: none. */
  readonly environments?: readonly EnvironmentDefinition[] | undefined;
  /** Id of the one that is used where a call names none. Never changes. Default: none. */
  readonly defaultId?: string | undefined;
  /** Name given to executors, for their logs. Default `holdfast-environment`. */
  readonly clientName?: string | undefined;
  /** How a URL is reached that is no websocket, such as `ssh:` by a command of one's own. Default: as `connect` reaches it. */
  readonly targetOf?: ((url: URL) => ConnectTarget) | undefined;
  /** Variables of programs that lead to executors. Default: none, not even those of this process. */
  readonly programEnv?: Readonly<Record<string, string | undefined>> | undefined;
  /** What to do about lost connections, as of `connect`. Default: 45 s of attempts. */
  readonly recovery?: ConnectOptions["recovery"];
  /** As of `connect`. */
  readonly processConnections?: ConnectOptions["processConnections"];
  /** Whether an environment whose first attempt failed is tried again at every use. Default false: it has to be registered anew. */
  readonly retryFailedStart?: boolean | undefined;
  /** Whether environments behind URLs begin to connect when they are registered, not on first use. Default true. */
  readonly connectsInBackground?: boolean | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

export type EnvironmentListener = (event: EnvironmentEvent) => void;

/** An environment that is registered before it is known where it is. */
export interface PendingEnvironment {
  readonly handle: EnvironmentHandle;
  /** Let everything go on that waits for it. @throws EnvironmentError - `invalid`; it waits on. */
  supply(url: string): void;
  /** Fail everything that waits for it, and take the id out. */
  fail(reason: string): void;
}

/**
 * The environments that there are, by their ids, with a default.
 *
 * Those behind URLs begin to connect when they are registered, all others on first use. A registration under an id that is taken puts a new handle in the place of the
 * old one; who has the old one keeps it. The registry owns every connection: closing it ends them all, and what runs over them.
 */
export class EnvironmentRegistry implements AsyncDisposable {
  readonly #options: EnvironmentRegistryOptions;
  readonly #clock: Clock;
  readonly #environments = new Map<string, ManagedEnvironment>();
  /** Those out of the registry that are still in use. */
  readonly #retired = new Set<ManagedEnvironment>();
  readonly #closing = new Set<Promise<void>>();
  readonly #listeners = new Set<EnvironmentListener>();
  #isClosed = false;

  /** @throws EnvironmentError - `invalid`, `duplicate`. @throws InvalidArgumentError - An option is misspelt or of the wrong type. Nothing was connected. */
  constructor(options: EnvironmentRegistryOptions = {}) {
    checkOptions(options, REGISTRY_OPTIONS, "EnvironmentRegistry");
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { environments = [], defaultId } = options;
    for (const definition of environments) {
      checkRegistration(definition);
      if (this.#environments.has(definition.id)) {
        const message = `environment id \`${definition.id}\` is duplicated`;
        throw new EnvironmentError("duplicate", message, { environmentId: definition.id });
      }
      this.#environments.set(definition.id, this.#managed(definition));
    }
    if (defaultId !== undefined && !this.#environments.has(defaultId)) {
      throw invalidEnvironment(`default environment \`${defaultId}\` is not configured`, defaultId);
    }
    for (const environment of this.#environments.values()) this.#begin(environment);
  }

  get defaultId(): string | undefined {
    return this.#options.defaultId;
  }

  /** The default one. */
  get default(): EnvironmentHandle | undefined {
    return this.defaultId === undefined ? undefined : this.get(this.defaultId);
  }

  /** All of them: the default first, the others in the order in which they were registered. */
  list(): readonly EnvironmentHandle[] {
    const all = [...this.#environments.values()];
    return all.sort((one, other) => Number(other.id === this.defaultId) - Number(one.id === this.defaultId));
  }

  /** Undefined: there is none of that id. */
  get(id: string): EnvironmentHandle | undefined {
    return this.#environments.get(id);
  }

  /** @throws EnvironmentError - `unknown` */
  require(id: string): EnvironmentHandle {
    const environment = this.get(id);
    if (environment === undefined) throw unknownEnvironment(id);
    return environment;
  }

  /** In the words of app servers, also of an id that there is not. */
  report(id: string): { readonly status: ReportedEnvironmentStatus | "unknown"; readonly error?: string | undefined } {
    const environment = this.get(id);
    if (environment === undefined) return { status: "unknown", error: unknownEnvironment(id).message };
    const { status } = environment;
    const error = status.state === "recovering" ? "exec-server environment is recovering" : status.error;
    return { status: reportedStatus(status, environment), error };
  }

  /** Begin to connect, without waiting, where that has not begun. @throws EnvironmentError - `unknown` */
  start(id: string): void {
    const environment = this.#environments.get(id);
    if (environment === undefined) throw unknownEnvironment(id);
    environment.start();
  }

  /**
   * Add an environment, or put it in the place of the one of the same id. Never changes the default.
   *
   * @throws EnvironmentError - `invalid`. @throws InvalidArgumentError - A member is misspelt, or of the wrong type. Nothing was changed.
   */
  register(definition: EnvironmentDefinition): EnvironmentHandle {
    this.#checkOpen();
    checkRegistration(definition);
    if (definition.id === LOCAL_ENVIRONMENT_ID) throw reservedLocal();
    const environment = this.#managed(definition);
    const { id } = definition;
    const old = this.#environments.get(id);
    this.#environments.set(id, environment);
    if (old !== undefined) {
      const message = `environment \`${id}\` was replaced`;
      this.#retire(old, new EnvironmentError("replaced", message, { environmentId: id }));
    }
    this.#begin(environment);
    return environment;
  }

  /**
   * Add an environment whose URL is told later. What uses it meanwhile waits, at most 10 minutes.
   *
   * @throws EnvironmentError - `duplicate`, `invalid`.
   */
  registerPending(id: string): PendingEnvironment {
    this.#checkOpen();
    if (this.#environments.has(id)) {
      throw new EnvironmentError("duplicate", `environment id \`${id}\` is already registered`, { environmentId: id });
    }
    const { promise, resolve } = Promise.withResolvers<ConnectPlan>();
    const definition = { id, url: () => Promise.reject(new Error("it is not told yet")) };
    checkRegistration(definition);
    const environment = this.#managed(definition, { awaitedPlan: promise, address: "a URL that is not told yet" });
    this.#environments.set(id, environment);
    this.#begin(environment);
    return {
      handle: environment,
      supply: (url) => {
        checkRegistration({ id, url });
        resolve(connectPlan({ id, url }, this.#means()));
      },
      fail: (reason) => {
        const error = new EnvironmentError("failed", withoutSecrets(reason), { environmentId: id });
        this.#takeOut(environment, error);
      },
    };
  }

  /** Take an environment out. What is unfinished there fails. @throws EnvironmentError - `unknown` */
  remove(id: string): void {
    const environment = this.#environments.get(id);
    if (environment === undefined) throw unknownEnvironment(id);
    const error = new EnvironmentError("removed", `environment \`${id}\` was removed`, { environmentId: id });
    this.#takeOut(environment, error);
  }

  /** Called after every change of an environment, also of one that was registered anew and is still in use. What it throws is an uncaught exception. */
  subscribe(listener: EnvironmentListener): Disposable {
    const own: EnvironmentListener = (event) => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** End every connection and what runs over them, also of those that somebody holds. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const error = new EnvironmentError("removed", "the environments are closed");
    for (const environment of [...this.#environments.values(), ...this.#retired]) environment.close(error);
    this.#environments.clear();
    await Promise.all(this.#closing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #means(): ConnectMeans {
    const { targetOf, programEnv = {} } = this.#options;
    return { targetOf, programEnv };
  }

  #managed(
    definition: EnvironmentDefinition,
    { awaitedPlan, address }: { readonly awaitedPlan?: Promise<ConnectPlan>; readonly address?: string } = {},
  ): ManagedEnvironment {
    const plan = connectPlan(definition, this.#means());
    const { clientName = CLIENT_NAME, recovery, processConnections, retryFailedStart = false } = this.#options;
    return new ManagedEnvironment({
      id: definition.id,
      plan: address === undefined ? plan : { ...plan, attempt: { ...plan.attempt, address } },
      awaitedPlan,
      requiredSkills: definition.requiredSkills ?? [],
      clientName,
      recovery,
      processConnections,
      retryFailedStart,
      clock: this.#clock,
      onChange: ({ id, status }) => this.#tell({ environmentId: id, status }),
      onEnd: (environment, closed) => this.#forget(environment, closed),
    });
  }

  #begin(environment: ManagedEnvironment): void {
    if (environment.startsInBackground && this.#options.connectsInBackground !== false) environment.start();
  }

  #takeOut(environment: ManagedEnvironment, error: EnvironmentError): void {
    if (this.#environments.get(environment.id) === environment) this.#environments.delete(environment.id);
    this.#retire(environment, error);
  }

  #retire(environment: ManagedEnvironment, error: EnvironmentError): void {
    this.#retired.add(environment);
    environment.retire(error);
  }

  #forget(environment: ManagedEnvironment, closed: Promise<void>): void {
    this.#retired.delete(environment);
    const closing = closed.finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #tell(event: EnvironmentEvent): void {
    // In a turn of its own: what a listener throws is its own, and stops no change half-way.
    for (const listener of this.#listeners) queueMicrotask(() => listener(event));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new EnvironmentError("removed", "the environments are closed");
  }
}
