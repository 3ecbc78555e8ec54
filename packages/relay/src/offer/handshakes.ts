import { type PublicKey, REGISTRY_REFUSED_PAYLOAD, RELAY_LIMITS } from "@holdfast/relay-protocol";
import { type Channel, type Identity, prologueOf, Responder } from "@holdfast/relay-protocol/noise";
import type { Clock } from "@holdfast/rpc";
import { FailureBudget } from "./failure-budget.ts";
import type { LimitedWarnings } from "./limited-warnings.ts";
import { OFFER_LIMITS } from "./limits.ts";
import type { RegistryClient, Verdict } from "./registry-client.ts";

const { maxAuthorizationBytes, maxNoiseMessageBytes, maxStreams, maxValidations } = RELAY_LIMITS;
const UTF8 = new TextDecoder("utf-8", { fatal: true });
const REFUSED_PAYLOAD = new TextEncoder().encode(REGISTRY_REFUSED_PAYLOAD);

export interface HandshakePlaces {
  readonly environmentId: string;
  readonly registrationId: string;
}

export interface HandshakeParts {
  readonly place: HandshakePlaces;
  readonly identity: Identity;
  readonly registry: Pick<RegistryClient, "validate">;
  readonly clock: Clock;
  readonly warnings: LimitedWarnings;
  /** Streams that are live. */
  readonly liveCount: () => number;
  readonly isLive: (streamId: string) => boolean;
  reset(streamId: string): void;
  /** The answer to a handshake; a stream follows it, where there is a channel. */
  answer(streamId: string, message: Uint8Array, opened: OpenedChannel | undefined): void;
}

export interface OpenedChannel {
  readonly channel: Channel;
  readonly harnessKey: PublicKey;
}

interface Pending {
  readonly responder: Responder;
  readonly cancel: AbortController;
}

/** Those who knock at one socket, until the registry has said whether they may speak. */
export class Handshakes {
  readonly #parts: HandshakeParts;
  readonly #pending = new Map<string, Pending>();
  readonly #budget: FailureBudget;
  /** Those of handshakes that were given up included, until they are over. */
  #validations = 0;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
    this.#budget = new FailureBudget(parts.clock, () => {
      parts.warnings.warn("pause", "pausing Noise relay handshakes after repeated failures");
    });
  }

  /** The first frame of a handshake. */
  begin(streamId: string, message: Uint8Array): void {
    const { isLive, liveCount, warnings } = this.#parts;
    if (isLive(streamId)) {
      // The stream that is there is not touched: whoever sends this need not be its harness.
      this.#refuse(streamId, "duplicate_active_stream", "unspent");
    } else if (this.#pending.has(streamId)) {
      this.#cancel(streamId);
      this.#refuse(streamId, "duplicate_pending_stream");
    } else if (this.#budget.isPaused) {
      this.#refuse(streamId, "cooldown", "unspent");
    } else if (liveCount() >= maxStreams) {
      warnings.warn("streams", "Noise relay has too many active streams");
      this.#refuse(streamId, "active_stream_limit", "unspent");
    } else if (this.#validations >= maxValidations) {
      warnings.warn("validations", "Noise relay has too many pending harness key validations");
      this.#refuse(streamId, "pending_validation_limit", "unspent");
    } else {
      this.#read(streamId, message);
    }
  }

  /** Data came. @returns whether this one was waiting for the registry: then it does no more. */
  data(streamId: string): boolean {
    if (!this.#cancel(streamId)) return false;
    this.#refuse(streamId, "data_before_handshake");
    return true;
  }

  /** The harness gave up. */
  reset(streamId: string): void {
    if (this.#cancel(streamId)) this.#tell(streamId, "reset_pending_validation");
  }

  /** The socket is gone. */
  end(): void {
    for (const streamId of [...this.#pending.keys()]) this.#cancel(streamId);
  }

  #read(streamId: string, message: Uint8Array): void {
    const { identity, place, warnings } = this.#parts;
    if (message.byteLength > maxNoiseMessageBytes) {
      warnings.warn("request", "failed to read Noise relay handshake request: handshake request is too large");
      this.#refuse(streamId, "handshake_request");
      return;
    }
    const responder = new Responder({ identity, prologue: prologueOf({ ...place, streamId }) });
    let first: ReturnType<Responder["readFirst"]>;
    try {
      first = responder.readFirst(message);
    } catch (error) {
      warnings.warn("request", `failed to read Noise relay handshake request: ${textOf(error)}`);
      this.#refuse(streamId, "handshake_request");
      return;
    }
    const authorization = authorizationIn(first.payload);
    if (typeof authorization === "string") {
      void this.#validate(streamId, responder, first.remoteKey, authorization);
      return;
    }
    responder.wipe();
    this.#refuse(streamId, authorization.reason);
  }

  async #validate(streamId: string, responder: Responder, harnessKey: PublicKey, authorization: string): Promise<void> {
    const cancel = new AbortController();
    const pending = { responder, cancel };
    this.#pending.set(streamId, pending);
    this.#validations += 1;
    const verdict = await this.#ask(streamId, harnessKey, authorization, cancel.signal);
    this.#validations -= 1;
    // Given up meanwhile; another one may have its id by now.
    if (cancel.signal.aborted || this.#pending.get(streamId) !== pending) return;
    this.#pending.delete(streamId);
    this.#decide(streamId, responder, harnessKey, verdict);
  }

  async #ask(streamId: string, harnessKey: PublicKey, authorization: string, signal: AbortSignal): Promise<Verdict> {
    const { place, registry } = this.#parts;
    const request = {
      executor_registration_id: place.registrationId,
      harness_key_authorization: authorization,
      harnessKey,
    };
    try {
      return await registry.validate(streamId, request, signal);
    } catch {
      return { kind: "refused", reason: "registry_request" };
    }
  }

  #decide(streamId: string, responder: Responder, harnessKey: PublicKey, verdict: Verdict): void {
    const { liveCount, warnings } = this.#parts;
    if (verdict.kind === "refused") {
      responder.wipe();
      warnings.warn("authorization", "Noise harness authorization failed", { noise_reason: "authorization_failed" });
      this.#refuse(streamId, verdict.reason, "spent", verdict.status);
    } else if (verdict.kind === "unauthorized") {
      warnings.warn("credential", "environment registry authentication error: executor credentials rejected");
      this.#finish(streamId, responder, undefined);
      this.#tell(streamId, "registry_auth", 401);
      this.#budget.count();
    } else if (liveCount() >= maxStreams) {
      responder.wipe();
      warnings.warn("streams", "Noise relay has too many active streams");
      this.#refuse(streamId, "active_stream_limit", "unspent");
    } else {
      this.#finish(streamId, responder, harnessKey);
    }
  }

  /** @param harnessKey - Undefined: it is told that this executor's own credential counts no more, and there is no stream. */
  #finish(streamId: string, responder: Responder, harnessKey: PublicKey | undefined): void {
    let second: ReturnType<Responder["writeSecond"]>;
    try {
      second = responder.writeSecond(harnessKey === undefined ? REFUSED_PAYLOAD : undefined);
    } catch (error) {
      this.#parts.warnings.warn("completion", `failed to complete Noise relay handshake: ${textOf(error)}`);
      this.#refuse(streamId, "handshake_completion");
      return;
    }
    const { channel, message } = second;
    if (harnessKey === undefined) {
      channel.sealer.wipe();
      channel.opener.wipe();
    }
    this.#parts.answer(streamId, message, harnessKey === undefined ? undefined : { channel, harnessKey });
  }

  #cancel(streamId: string): boolean {
    const pending = this.#pending.get(streamId);
    if (pending === undefined) return false;
    this.#pending.delete(streamId);
    pending.responder.wipe();
    pending.cancel.abort();
    return true;
  }

  /** @param budget - Whether it counts against those that a socket may have before there is a pause. */
  #refuse(streamId: string, reason: string, budget: "spent" | "unspent" = "spent", status?: number): void {
    this.#parts.reset(streamId);
    this.#tell(streamId, reason, status);
    if (budget === "spent") this.#budget.count();
  }

  #tell(streamId: string, reason: string, status?: number): void {
    const { place, warnings } = this.#parts;
    warnings.warn("diagnostic", "Noise executor handshake diagnostic", {
      event: "codex.exec_server.noise_handshake_diagnostic",
      noise_reason: reason,
      environment_id: place.environmentId,
      executor_registration_id: place.registrationId,
      stream_id: streamId.slice(0, OFFER_LIMITS.maxStreamIdCharacters),
      registry_status: status,
    });
  }
}

function authorizationIn(payload: Uint8Array): string | { readonly reason: string } {
  if (payload.byteLength > maxAuthorizationBytes) return { reason: "authorization_too_long" };
  try {
    return UTF8.decode(payload);
  } catch {
    return { reason: "authorization_not_utf8" };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
