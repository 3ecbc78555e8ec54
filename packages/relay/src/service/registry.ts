import { createHash, randomBytes, randomUUID } from "node:crypto";
import {
  type PublicKey,
  PublicKeyError,
  publicKeyFromJson,
  publicKeysEqual,
  publicKeyToJson,
  RegistryJsonError,
  readConnectRequest,
  readRegisterRequest,
  readValidateRequest,
  SECURITY_PROFILE,
} from "@holdfast/relay-protocol";
import type { HttpAnswer } from "@holdfast/rpc/websocket";
import type { TokenEntry } from "../tokens/index.ts";
import type { Audit, Caller } from "./audit.ts";
import { inTime, REGISTRY_UNAVAILABLE } from "./in-time.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import type { RelayStores } from "./ports.ts";
import { jsonAnswer, RegistryRefusal, unavailable } from "./registry-answer.ts";
import type { ServiceClock } from "./service-clock.ts";
import type { EnvironmentCall } from "./service-path.ts";
import type { SocketClaims } from "./signed-url.ts";

const AUTHORIZATION_BYTES = 32;

export interface RegistryParts {
  readonly stores: RelayStores;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly clock: ServiceClock;
  /** The URL of a socket. */
  readonly urlOf: (claims: SocketClaims) => string;
  /** A store failed. */
  readonly onFailure: (error: unknown) => void;
}

/** A call whose token may make it. */
export interface RegistryCall {
  readonly environmentId: string;
  readonly token: TokenEntry;
  readonly peerName: string;
  readonly body: Uint8Array;
}

/** The three calls of the registry. Whoever makes one has been found to be allowed to. */
export class Registry {
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  /** @throws RegistryRefusal */
  answer(call: EnvironmentCall, asked: RegistryCall): Promise<HttpAnswer> {
    switch (call) {
      case "register":
        return this.#register(asked);
      case "connect":
        return this.#connect(asked);
      case "validate":
        return this.#validate(asked);
    }
  }

  async #register(call: RegistryCall): Promise<HttpAnswer> {
    try {
      return await this.#registerOnce(call);
    } catch (error) {
      if (!(error instanceof RegistryRefusal) || error.code !== REGISTRY_UNAVAILABLE) throw error;
      // Executors of Codex end for good at any other 503. What may have been written all the same is replaced by their next try.
      throw unavailable("registration_conflict", error.message);
    }
  }

  async #registerOnce({ environmentId, token, peerName, body }: RegistryCall): Promise<HttpAnswer> {
    const { stores, audit, clock, urlOf } = this.#parts;
    const executorKey = read(body, (value) => publicKeyFromJson(readRegisterRequest(value).executor_public_key));
    const before = await this.#ask(stores.registrations.get(environmentId));
    const registrationId = randomUUID();
    const owner = token.name;
    const registeredAt = clock.wallNow();
    await this.#ask(stores.registrations.put({ environmentId, registrationId, executorKey, owner, registeredAt }));
    audit.registered(environmentId, registrationId, callerOf(token, peerName), before?.owner);
    const expiresAt = registeredAt + SERVICE_LIMITS.executorUrlMs;
    return jsonAnswer({
      environment_id: environmentId,
      url: urlOf({ role: "executor", environmentId, registrationId, tokenId: token.id, expiresAt }),
      security_profile: SECURITY_PROFILE,
      executor_registration_id: registrationId,
    });
  }

  async #connect({ environmentId, token, peerName, body }: RegistryCall): Promise<HttpAnswer> {
    const { stores, audit, clock, urlOf } = this.#parts;
    const harnessKey = read(body, (value) => publicKeyFromJson(readConnectRequest(value).harness_public_key));
    const registration = await this.#ask(stores.registrations.get(environmentId));
    if (registration === undefined) {
      throw new RegistryRefusal(404, "environment_not_found", `no executor is registered as ${environmentId}`);
    }
    const { registrationId, executorKey } = registration;
    // Told now, because who asks tries again after a 503, but not where its socket leads nowhere.
    if (!(await this.#ask(stores.routes.isConnected(registrationId)))) {
      throw unavailable("environment_not_connected", `the executor of ${environmentId} is not connected now`);
    }
    const authorization = randomBytes(AUTHORIZATION_BYTES).toString("base64url");
    const expiresAt = clock.wallNow() + SERVICE_LIMITS.authorizationMs;
    await this.#ask(
      stores.authorizations.issue(digestOf(authorization), {
        environmentId,
        registrationId,
        harnessKey,
        client: token.name,
        expiresAt,
      }),
    );
    audit.introduced(environmentId, registrationId, callerOf(token, peerName));
    return jsonAnswer({
      environment_id: environmentId,
      url: urlOf({ role: "harness", environmentId, registrationId, tokenId: token.id, expiresAt }),
      security_profile: SECURITY_PROFILE,
      executor_registration_id: registrationId,
      executor_public_key: publicKeyToJson(executorKey),
      harness_key_authorization: authorization,
    });
  }

  async #validate({ environmentId, token, peerName, body }: RegistryCall): Promise<HttpAnswer> {
    const { stores, audit, metrics } = this.#parts;
    const { registrationId, harnessKey, authorization } = read(body, validationOf);
    // Whatever else is wrong: it was shown, and is of no more use.
    const known = await this.#ask(stores.authorizations.consume(digestOf(authorization)));
    const valid =
      known !== undefined &&
      known.environmentId === environmentId &&
      known.registrationId === registrationId &&
      publicKeysEqual(known.harnessKey, harnessKey);
    metrics.add("validations_total", `result="${valid ? "valid" : "invalid"}"`);
    audit.validated(environmentId, callerOf(token, peerName), {
      valid,
      ...(known?.environmentId === environmentId ? { client: known.client } : {}),
    });
    return jsonAnswer({ valid });
  }

  #ask<Result>(asked: Promise<Result>): Promise<Result> {
    return inTime(this.#parts.clock, asked, this.#parts.onFailure);
  }
}

interface Validation {
  readonly registrationId: string;
  readonly harnessKey: PublicKey;
  readonly authorization: string;
}

function validationOf(value: unknown): Validation {
  const request = readValidateRequest(value);
  return {
    registrationId: request.executor_registration_id,
    harnessKey: publicKeyFromJson(request.harness_public_key),
    authorization: request.harness_key_authorization,
  };
}

function callerOf({ name }: TokenEntry, peerName: string): Caller {
  return { token: name, peerName };
}

function digestOf(authorization: string): string {
  return createHash("sha256").update(authorization).digest("hex");
}

/** @throws RegistryRefusal - The body is not what the call has. */
function read<Result>(body: Uint8Array, reader: (value: unknown) => Result): Result {
  try {
    return reader(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch (error) {
    if (!(error instanceof RegistryJsonError || error instanceof PublicKeyError)) {
      throw new RegistryRefusal(400, "invalid_request", "the body is no JSON");
    }
    throw new RegistryRefusal(400, "invalid_request", error.message);
  }
}
