import type { EnvironmentInfo, InitializeParams, InitializeResult } from "@holdfast/exec-server-protocol";
import type { ExecServerRouter } from "@holdfast/exec-server-protocol/server";
import { type Clock, type InboundCall, type InboundServer, RpcFault } from "@holdfast/rpc";
import type { Audit, Client } from "../audit.ts";
import { HelperPool } from "../confined-files/index.ts";
import type { ConfinedLaunch } from "../confinement/index.ts";
import { FileHandles, OperationOrder } from "../filesystem/index.ts";
import { type HttpClient, HttpRequests } from "../http/index.ts";
import type { ExecutorLimits } from "../limits.ts";
import { LongPolls } from "../process/index.ts";
import type { TreeThreads } from "../trees/index.ts";
import { MissingWatch } from "../watch/missing-watch.ts";
import type { CallContext, ConnectionContext } from "./call-context.ts";
import { Handshake } from "./handshake.ts";
import type { NoticeSink } from "./notifier.ts";
import type { Session, SessionHolder } from "./session.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** What connections share. */
export interface ConnectionServices {
  readonly router: ExecServerRouter<CallContext>;
  readonly sessions: SessionRegistry;
  readonly info: EnvironmentInfo;
  readonly limits: ExecutorLimits;
  readonly clock: Clock;
  readonly http: HttpClient;
  /** What headers and file helpers may take from the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly confinement: ConfinedLaunch;
  readonly audit: Audit;
  /** For work on whole folders. */
  readonly trees: TreeThreads;
}

/** One client on one connection: its handshake, the session it holds, its open files. */
export class Connection implements InboundServer, ConnectionContext, SessionHolder {
  readonly files = new OperationOrder();
  readonly handles = new FileHandles({ order: this.files });
  readonly helpers: HelperPool;
  readonly polls: LongPolls;
  readonly watch: MissingWatch;
  readonly http: HttpRequests;
  readonly trees: TreeThreads;
  readonly client: Client;
  readonly #services: ConnectionServices;
  readonly #line: () => NoticeSink;
  readonly #handshake = new Handshake();

  /** @param line - Where its notices go. Asked for only after the first call has come in. */
  constructor(services: ConnectionServices, line: () => NoticeSink, client: Client) {
    this.#services = services;
    this.client = client;
    this.trees = services.trees;
    this.#line = line;
    const { clock, confinement, env, http, limits } = services;
    this.helpers = new HelperPool({ launch: confinement, env, delay: clock, limits });
    this.polls = new LongPolls(clock, limits.maxLongPolls);
    this.watch = new MissingWatch(clock, (watchId) => line().notify("fs/missingChanged", { watchId }));
    this.http = new HttpRequests({
      client: http,
      env,
      clock,
      line,
      maxRequests: limits.maxHttpRequests,
      maxBufferedBytes: limits.maxHttpBufferedBytes,
    });
  }

  get line(): NoticeSink {
    return this.#line();
  }

  /**
   * The session, once there is one. The gate lets no handler run before.
   *
   * @throws RpcFault when another connection has taken it.
   */
  get session(): Session {
    const session = this.#handshake.session;
    if (session === undefined) throw new Error("no session is open");
    session.checkHeldBy(this);
    return session;
  }

  sharedSession(id: string): Session {
    return this.#services.sessions.shared(id);
  }

  call(call: InboundCall): unknown {
    const routed = this.#services.router.request(call.method, call.params);
    if (routed.kind === "refused") throw new RpcFault(routed.code, routed.message);
    if (routed.family !== undefined) this.#handshake.require(routed.family);
    return routed.run(new Context(this, call));
  }

  notice({ method, params }: { readonly method: string; readonly params: unknown }): void {
    const routed = this.#services.router.notice(method, params);
    if (routed.kind === "refused") throw new Error(routed.message);
    routed.run({ connection: this, signal: AbortSignal.abort() });
  }

  initialize(params: InitializeParams): InitializeResult {
    this.#handshake.checkFresh();
    const { resumeSessionId } = params;
    // Attached before the answer is written: no notice falls between the two.
    const session =
      resumeSessionId === undefined || resumeSessionId === null
        ? this.#openSession(params)
        : this.#resumeSession(resumeSessionId, params);
    this.#handshake.opened(session);
    return { sessionId: session.id, environmentInfo: this.#services.info };
  }

  #openSession({ clientName }: InitializeParams): Session {
    const { audit, sessions } = this.#services;
    const session = sessions.open(this);
    audit.sessionOpened(session.id, this.client, clientName);
    return session;
  }

  #resumeSession(id: string, { clientName }: InitializeParams): Session {
    const { audit, sessions } = this.#services;
    try {
      const session = sessions.resume(id, this);
      audit.sessionResumed(id, this.client, clientName);
      return session;
    } catch (thrown) {
      audit.resumeRefused(this.client, clientName, "it is not known here, or another client holds it");
      throw thrown;
    }
  }

  initialized(): void {
    this.#handshake.confirmed();
  }

  /** The connection is gone, or going: the session is released, files close, waiting reads end. Idempotent. */
  async end(): Promise<void> {
    const { session } = this.#handshake;
    if (session !== undefined) this.#services.sessions.detach(session, this);
    this.polls.releaseAll();
    this.watch.disarm();
    this.http.endAll();
    this.helpers.end();
    await this.handles.closeAll();
  }
}

/** Made per call; the signal is fetched only by handlers that want it. */
class Context implements CallContext {
  readonly connection: Connection;
  readonly #call: InboundCall;

  constructor(connection: Connection, call: InboundCall) {
    this.connection = connection;
    this.#call = call;
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }
}
