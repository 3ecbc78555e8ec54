import type { ServiceLog } from "./service-log.ts";

/** A token and the address of who showed it. */
export interface Caller {
  /** Name of the token. */
  readonly token: string;
  readonly peerName: string;
}

/** What a socket carried. */
export interface SocketTotals {
  readonly openedAt: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const MS_PER_S = 1_000;

/**
 * The records of who reached what, at level `info`. They name tokens, environments and registrations; what was said between both ends nobody here
 * knows, and what would let anybody in is in none of them.
 */
export class Audit {
  readonly #log: ServiceLog;
  readonly #now: () => number;

  constructor(log: ServiceLog, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  registered(environment: string, registration: string, { token, peerName }: Caller, before: string | undefined): void {
    const fields = { environment, registration, token, peer: peerName };
    this.#log.info?.("executor registered", { ...fields, replacedTokenOf: before === token ? undefined : before });
  }

  introduced(environment: string, registration: string, { token, peerName }: Caller): void {
    this.#log.info?.("client asked for an executor", { environment, registration, token, peer: peerName });
  }

  validated(environment: string, caller: Caller, result: { readonly valid: boolean; readonly client?: string }): void {
    const { token, peerName } = caller;
    this.#log.info?.(result.valid ? "client let in by executor" : "client not let in", {
      environment,
      token,
      client: result.client,
      peer: peerName,
    });
  }

  executorConnected(environment: string, registration: string, { token, peerName }: Caller): void {
    this.#log.info?.("executor connected", { environment, registration, token, peer: peerName });
  }

  executorDisconnected(environment: string, registration: string, reason: string, totals: SocketTotals): void {
    this.#log.info?.("executor disconnected", { environment, registration, reason, ...this.#shown(totals) });
  }

  streamOpened(environment: string, stream: string, { token, peerName }: Caller): void {
    this.#log.info?.("stream opened", { environment, stream, token, peer: peerName });
  }

  streamEnded(environment: string, stream: string, reason: string, totals: SocketTotals): void {
    this.#log.info?.("stream ended", { environment, stream, reason, ...this.#shown(totals) });
  }

  refused(
    what: string,
    reason: string,
    fields: { readonly environment?: string; readonly token?: string; readonly peer: string },
  ): void {
    this.#log.info?.("refused", { what, reason, ...fields });
  }

  #shown({ openedAt, bytesIn, bytesOut }: SocketTotals) {
    return { seconds: Math.round(this.#now() - openedAt) / MS_PER_S, bytesIn, bytesOut };
  }
}
