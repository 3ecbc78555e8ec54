import type { FramePort } from "@holdfast/rpc";
import { permits, type TokenSet } from "../tokens/index.ts";
import type { Audit } from "./audit.ts";
import { ExecutorSocket } from "./executor-socket.ts";
import type { SocketPrincipal } from "./handshake-check.ts";
import { HarnessSocket } from "./harness-socket.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import type { RelayStores } from "./ports.ts";
import { QueueLoad } from "./queue-load.ts";
import type { ServiceClock } from "./service-clock.ts";
import { Traffic } from "./traffic.ts";

/** Close codes of the websocket protocol. */
const POLICY = 1008;
const TRY_AGAIN = 1013;

export interface RendezvousParts {
  readonly stores: RelayStores;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly clock: ServiceClock;
  readonly onFailure: (error: unknown) => void;
}

/** The sockets of both sides. */
export class Rendezvous {
  readonly #parts: RendezvousParts;
  readonly #load = new QueueLoad();
  readonly #sockets = new Map<FramePort, SocketPrincipal>();
  /** Sockets of harnesses here, by the registration of their executor. */
  readonly #harnesses = new Map<string, number>();

  constructor(parts: RendezvousParts) {
    this.#parts = parts;
    const { metrics } = parts;
    metrics.gauge("sockets", {
      about: "Websockets that are open now, by role.",
      values: () =>
        (["executor", "harness"] as const).map((role) => ({ labels: `role="${role}"`, value: this.#count(role) })),
    });
    metrics.gauge("queued_bytes", {
      about: "Bytes that wait in sockets that are full.",
      values: () => [{ value: this.#load.bytes }],
    });
  }

  hasRoom(registrationId: string): boolean {
    return (this.#harnesses.get(registrationId) ?? 0) < SERVICE_LIMITS.maxHarnessesPerExecutor;
  }

  accept(port: FramePort, principal: SocketPrincipal): void {
    const { role } = principal.claims;
    this.#sockets.set(port, principal);
    this.#parts.metrics.add("sockets_opened_total", `role="${role}"`);
    if (role === "executor") void this.#acceptExecutor(port, principal);
    else this.#acceptHarness(port, principal);
  }

  /** End the sockets whose token may not be used any more. @param now - Unix milliseconds. */
  heedTokens(tokens: TokenSet, now: number): void {
    for (const [port, { claims }] of this.#sockets) {
      const token = tokens.valid(claims.tokenId, now);
      const needed = claims.role === "executor" ? "executor" : "client";
      if (token === undefined || !permits(token, needed, claims.environmentId)) {
        port.close(POLICY, "the token of this connection was revoked or has expired");
      }
    }
  }

  async #acceptExecutor(port: FramePort, { claims, name: token, holdsStreams }: SocketPrincipal): Promise<void> {
    const { stores, audit, metrics, clock, onFailure } = this.#parts;
    const { environmentId, registrationId } = claims;
    const traffic = new Traffic("executor", metrics, clock.now());
    const socket = new ExecutorSocket({ port, load: this.#load, traffic, holdsStreams });
    try {
      const route = await stores.routes.attachExecutor({ environmentId, registrationId }, socket);
      audit.executorConnected(environmentId, registrationId, { token, peerName: port.peerName });
      socket.open(route, (reason) => {
        this.#sockets.delete(port);
        audit.executorDisconnected(environmentId, registrationId, reason, traffic);
      });
    } catch (error) {
      onFailure(error);
      this.#sockets.delete(port);
      port.close(TRY_AGAIN, "the relay can not take the connection now");
    }
  }

  #acceptHarness(port: FramePort, { claims, name: token }: SocketPrincipal): void {
    const { stores, audit, metrics, clock } = this.#parts;
    const { environmentId, registrationId } = claims;
    const traffic = new Traffic("harness", metrics, clock.now());
    this.#harnesses.set(registrationId, (this.#harnesses.get(registrationId) ?? 0) + 1);
    const socket = new HarnessSocket({
      port,
      load: this.#load,
      traffic,
      clock,
      openStream: (streamId, end) => stores.routes.openStream(registrationId, streamId, end),
      onOpened: (streamId) => {
        metrics.add("streams_opened_total");
        audit.streamOpened(environmentId, streamId, { token, peerName: port.peerName });
      },
      onClosed: (streamId, reason) => {
        this.#sockets.delete(port);
        this.#leave(registrationId);
        audit.streamEnded(environmentId, streamId ?? "", reason, traffic);
      },
    });
    socket.open();
  }

  #leave(registrationId: string): void {
    const count = (this.#harnesses.get(registrationId) ?? 1) - 1;
    if (count > 0) this.#harnesses.set(registrationId, count);
    else this.#harnesses.delete(registrationId);
  }

  #count(role: string): number {
    let count = 0;
    for (const { claims } of this.#sockets.values()) if (claims.role === role) count += 1;
    return count;
  }
}
