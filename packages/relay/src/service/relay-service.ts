import { HOLDS_STREAMS_HEADER } from "@holdfast/relay-protocol";
import {
  type Authorization,
  type Authorize,
  type HttpAnswer,
  type InboundRequest,
  listenWebSocket,
  type TlsServerOptions,
  type WebSocketListener,
} from "@holdfast/rpc/websocket";
import { WatchedTokens } from "../tokens/index.ts";
import { Admission } from "./admission.ts";
import { Audit } from "./audit.ts";
import { bearerOf } from "./bearer.ts";
import { checkHandshake, rejectionAnswer, SocketPrincipal } from "./handshake-check.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import { Metrics } from "./metrics.ts";
import type { RelayStores } from "./ports.ts";
import { type PublicUrl, readPublicUrl } from "./public-url.ts";
import { Registry } from "./registry.ts";
import { RegistryRefusal } from "./registry-answer.ts";
import { Rendezvous } from "./rendezvous.ts";
import { type ServiceClock, systemServiceClock } from "./service-clock.ts";
import type { ServiceLog } from "./service-log.ts";
import { readServicePath, type ServicePath, socketPath } from "./service-path.ts";
import { type SocketClaims, signedQuery } from "./signed-url.ts";

export interface RelayServiceOptions {
  /** Address to bind. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Default: plain. */
  readonly tls?: TlsServerOptions | undefined;
  /** Where others find the service, where that is not where it listens: a proxy is in front of it, or a name leads to it. */
  readonly publicUrl?: string | undefined;
  /** Absolute. See `addToken`. */
  readonly tokensFile: string;
  /** Closed with the service. */
  readonly stores: RelayStores;
  readonly log: ServiceLog;
  readonly clock?: ServiceClock | undefined;
}

/** A registry and rendezvous that runs. */
export interface RelayService extends AsyncDisposable {
  /** Base URL: what executors and clients are told. */
  readonly url: string;
  /** Where it listens, with the port that was bound. */
  readonly listenUrl: string;
  /** Use another certificate from the next connection on. @throws Error - It can't be used; the former one stays. */
  setTls(tls: TlsServerOptions): void;
  /** End all connections, and free what the service stands on. Idempotent. */
  close(): Promise<void>;
}

/**
 * Be a registry and a rendezvous: executors register and stay connected, clients ask for them by name, and frames go between both unread.
 *
 * @throws RangeError - The public URL is none.
 * @throws TokensFileError - The tokens file can't be used.
 * @throws the error of the operating system when the address can't be bound.
 */
export async function startRelayService(options: RelayServiceOptions): Promise<RelayService> {
  const service = new Service(options);
  try {
    await service.start();
    return service;
  } catch (error) {
    await service.close();
    throw error;
  }
}

class Service implements RelayService {
  readonly #options: RelayServiceOptions;
  readonly #clock: ServiceClock;
  readonly #metrics = new Metrics();
  readonly #audit: Audit;
  readonly #admission: Admission;
  readonly #registry: Registry;
  readonly #rendezvous: Rendezvous;
  readonly #givenUrl: PublicUrl | undefined;
  #publicUrl: PublicUrl | undefined;
  #tokens: WatchedTokens | undefined;
  #listener: WebSocketListener | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RelayServiceOptions) {
    const { stores, log, publicUrl } = options;
    const clock = options.clock ?? systemServiceClock;
    this.#options = options;
    this.#clock = clock;
    this.#givenUrl = publicUrl === undefined ? undefined : readPublicUrl(publicUrl);
    this.#audit = new Audit(log, () => clock.now());
    this.#admission = new Admission(clock);
    const onFailure = (error: unknown): void => log.warn("the stores failed", { reason: reasonOf(error) });
    const parts = { stores, audit: this.#audit, metrics: this.#metrics, clock, onFailure };
    this.#registry = new Registry({ ...parts, urlOf: (claims) => this.#urlOf(claims) });
    this.#rendezvous = new Rendezvous(parts);
    this.#metrics.gauge("tokens_file_good", {
      about: "1 while the tokens in use are those in the file, 0 while that can not be used.",
      values: () => [{ value: this.#tokens?.isGood === true ? 1 : 0 }],
    });
  }

  get url(): string {
    return this.#publicUrl?.href ?? "";
  }

  get listenUrl(): string {
    return (this.#listener?.url ?? "").replace(/^ws/, "http");
  }

  async start(): Promise<void> {
    const { host, port, tls, tokensFile, stores, log } = this.#options;
    this.#tokens = await WatchedTokens.open(tokensFile, {
      clock: this.#clock,
      onLook: () => this.#heedTokens(),
      onChange: (count) => log.warn("the tokens file was read anew", { count }),
      onProblem: (error) => log.warn("the tokens stay as they were", { reason: reasonOf(error) }),
    });
    this.#listener = await listenWebSocket({
      host,
      port,
      tls,
      routes: { handshake: null },
      isReady: () => stores.isReady(),
      allowedHosts: this.#givenUrl === undefined ? [] : [this.#givenUrl.host],
      authorize: (request) => this.#authorize(request),
      onPort: (frames, _request, principal) => {
        if (principal instanceof SocketPrincipal) this.#rendezvous.accept(frames, principal);
        else frames.destroy("nobody knows who this is");
      },
      onRequest: (request) => this.#onRequest(request),
      onBug: (error) => log.warn("a connection could not be served", { reason: reasonOf(error) }),
      maxMessageBytes: SERVICE_LIMITS.maxMessageBytes,
      maxConnections: SERVICE_LIMITS.maxSockets,
      maxHalfOpen: SERVICE_LIMITS.maxHalfOpen,
      highWaterBytes: SERVICE_LIMITS.highWaterBytes,
      lowWaterBytes: SERVICE_LIMITS.lowWaterBytes,
      pingIntervalMs: SERVICE_LIMITS.pingIntervalMs,
      pongTimeoutMs: SERVICE_LIMITS.pongTimeoutMs,
      closeGraceMs: SERVICE_LIMITS.closeGraceMs,
      clock: this.#clock,
    });
    this.#publicUrl = this.#givenUrl ?? readPublicUrl(this.listenUrl);
  }

  setTls(tls: TlsServerOptions): void {
    this.#listener?.setTls(tls);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    this.#tokens?.[Symbol.dispose]();
    await this.#listener?.close("the relay is shutting down");
    await this.#options.stores[Symbol.asyncDispose]();
  }

  async #onRequest(request: InboundRequest): Promise<HttpAnswer> {
    const path = readServicePath(request.path, this.#publicUrl?.prefix ?? "");
    const name = path.kind === "call" ? path.call : path.kind;
    const answer = await this.#answer(request, path);
    this.#metrics.add("requests_total", `call="${name}",status="${answer.status}"`);
    return answer;
  }

  async #answer(request: InboundRequest, path: ServicePath): Promise<HttpAnswer> {
    try {
      if (path.kind === "metrics") return this.#metricsFor(request);
      if (path.kind === "call") return await this.#callFor(request, path);
      throw new RegistryRefusal(404, "not_found", "there is nothing under this path");
    } catch (error) {
      if (!(error instanceof RegistryRefusal)) throw error;
      return this.#refuse(request, path, error);
    }
  }

  async #callFor(request: InboundRequest, path: Extract<ServicePath, { kind: "call" }>): Promise<HttpAnswer> {
    const { call, environmentId } = path;
    if (request.method !== "POST") {
      throw new RegistryRefusal(405, "method_not_allowed", "this is asked by POST", { Allow: "POST" });
    }
    const token = this.#bearer(request);
    if (environmentId === undefined) {
      throw new RegistryRefusal(
        400,
        "invalid_environment_id",
        "an id of an environment has up to 128 letters, digits, _ - . ~",
      );
    }
    this.#admission.check(call, environmentId, token);
    const body = await bodyOf(request);
    return this.#registry.answer(call, { environmentId, token, peerName: request.peerName, body });
  }

  #metricsFor(request: InboundRequest): HttpAnswer {
    if (request.method !== "GET") {
      throw new RegistryRefusal(405, "method_not_allowed", "this is asked by GET", { Allow: "GET" });
    }
    // With a public URL a proxy may be in front, whose requests come from this machine whoever is behind them.
    const isNear = request.isFromLoopback && this.#givenUrl === undefined;
    if (!(isNear && request.headers.authorization === undefined) && this.#bearer(request).role !== "monitor") {
      throw new RegistryRefusal(403, "wrong_role", "metrics need a token for monitor");
    }
    const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" };
    return { status: 200, body: this.#metrics.text(), headers };
  }

  #bearer({ headers }: InboundRequest) {
    if (this.#tokens === undefined) throw new Error("the service has not started");
    return bearerOf(headers.authorization, this.#tokens.current, this.#clock.wallNow());
  }

  #refuse(request: InboundRequest, path: ServicePath, refusal: RegistryRefusal): HttpAnswer {
    this.#metrics.add("refusals_total", `reason="${refusal.code}"`);
    const answer = refusal.answer();
    if (!this.#admission.refused(request.remoteAddress)) {
      return refusal.status === 401 ? { status: 429, body: "", headers: { "Retry-After": "60" } } : answer;
    }
    const environment = path.kind === "call" ? path.environmentId : undefined;
    this.#audit.refused(path.kind === "call" ? path.call : path.kind, refusal.code, {
      ...(environment === undefined ? {} : { environment }),
      peer: request.peerName,
    });
    return answer;
  }

  async #authorize(request: Parameters<Authorize>[0]): Promise<Authorization> {
    const [rawPath = "/", ...queries] = (request.url ?? "/").split("?");
    const path = readServicePath(rawPath, this.#publicUrl?.prefix ?? "");
    const { stores, log } = this.#options;
    const verdict = await checkHandshake(path, queries.join("?"), {
      stores,
      clock: this.#clock,
      tokens: () => this.#tokensNow(),
      onFailure: (error) => log.warn("the stores failed", { reason: reasonOf(error) }),
      hasRoom: (registrationId) => this.#rendezvous.hasRoom(registrationId),
      holdsStreams: request.headers[HOLDS_STREAMS_HEADER] !== undefined,
    });
    if (verdict instanceof SocketPrincipal) return { principal: verdict };
    this.#metrics.add("refusals_total", `reason="${verdict}"`);
    const { remoteAddress = "", remotePort } = request.socket;
    if (this.#admission.refused(remoteAddress)) {
      const environment = path.kind === "socket" ? path.environmentId : undefined;
      this.#audit.refused("socket", verdict, {
        ...(environment === undefined ? {} : { environment }),
        peer: `${remoteAddress} ${remotePort}`,
      });
    }
    return { refusal: rejectionAnswer(verdict) };
  }

  #tokensNow() {
    if (this.#tokens === undefined) throw new Error("the service has not started");
    return this.#tokens.current;
  }

  #heedTokens(): void {
    this.#rendezvous.heedTokens(this.#tokensNow(), this.#clock.wallNow());
  }

  #urlOf(claims: SocketClaims): string {
    const query = signedQuery(claims, this.#options.stores.signingSecret);
    return `${this.#publicUrl?.socketBase ?? ""}${socketPath(claims.environmentId)}?${query}`;
  }
}

/** @throws RegistryRefusal - It is too long, or did not arrive. */
async function bodyOf(request: InboundRequest): Promise<Uint8Array> {
  const body = await request.body(SERVICE_LIMITS.maxBodyBytes).catch(() => {
    throw new RegistryRefusal(400, "invalid_request", "the body did not arrive");
  });
  if (body === undefined) {
    throw new RegistryRefusal(413, "body_too_large", `a body has at most ${SERVICE_LIMITS.maxBodyBytes} bytes`);
  }
  return body;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
