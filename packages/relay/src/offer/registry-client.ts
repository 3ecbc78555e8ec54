import {
  type PublicKey,
  publicKeyToJson,
  RELAY_LIMITS,
  type RegisterRequest,
  type RegisterResponse,
  readRegisterResponse,
  readRegistryFailure,
  readValidateResponse,
  SECURITY_PROFILE,
  type ValidateRequest,
} from "@holdfast/relay-protocol";
import type { Clock } from "@holdfast/rpc";
import { describeFailure } from "./describe-failure.ts";
import { OFFER_LIMITS } from "./limits.ts";
import { OfferError, UncommittedRegistration } from "./offer-error.ts";
import type { RegistryAddress } from "./registry-address.ts";

const { registryTimeoutMs } = RELAY_LIMITS;
const OK = 200;
const REDIRECT = 300;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
/** What a header may hold as it is. */
const HEADER_VALUE = /^[\x20-\x7e]+$/;

/** What the registry says of a harness. */
export type Verdict =
  | { readonly kind: "valid" }
  /** It does not know this executor's credential: nothing is said about the harness. */
  | { readonly kind: "unauthorized" }
  | { readonly kind: "refused"; readonly reason: string; readonly status?: number | undefined };

export interface RegistryClientOptions {
  readonly address: RegistryAddress;
  /** The token of now. @throws Error there is none that counts. */
  readonly credential: () => string;
  readonly clock: Clock;
}

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly body: string;
}

/** An executor's two calls to its registry. No answer is waited for longer than 10 s, and redirects are never followed: a token goes where it was meant to. */
export class RegistryClient {
  readonly #options: RegistryClientOptions;

  constructor(options: RegistryClientOptions) {
    this.#options = options;
  }

  /**
   * @throws UncommittedRegistration nothing was written, and it may be tried again. OfferError in the words of the peers for everything else.
   */
  async register(key: PublicKey, signal: AbortSignal): Promise<RegisterResponse> {
    const request: RegisterRequest = { security_profile: SECURITY_PROFILE, executor_public_key: publicKeyToJson(key) };
    const token = this.#token();
    const answer = await this.#post("register", request, token, signal);
    if (answer.status < 200 || answer.status > 299) throw registrationError(answer, token);
    try {
      return readRegisterResponse(JSON.parse(answer.body), this.#options.address.environmentId);
    } catch (error) {
      const text = textOf(error);
      const told = text.startsWith("environment registry")
        ? text
        : `environment registry returned no registration: ${text}`;
      throw new OfferError(told, { cause: error });
    }
  }

  /** Never rejects, but when `signal` aborts. What a failed answer says is dropped: it may repeat the authorization. */
  async validate(
    streamId: string,
    request: Omit<ValidateRequest, "harness_public_key"> & { readonly harnessKey: PublicKey },
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { harnessKey, ...rest } = request;
    if (!HEADER_VALUE.test(streamId)) return { kind: "refused", reason: "registry_request" };
    let token: string;
    try {
      token = this.#options.credential();
    } catch {
      return { kind: "refused", reason: "registry_config" };
    }
    const body: ValidateRequest = { ...rest, harness_public_key: publicKeyToJson(harnessKey) };
    let answer: Answer;
    try {
      answer = await this.#post("validate", body, token, signal, { "x-codex-noise-stream-id": streamId });
    } catch (error) {
      const isLate = error instanceof OfferError && error.cause instanceof Overdue;
      return { kind: "refused", reason: isLate ? "registry_request_timeout" : "registry_request" };
    }
    return verdictOf(answer);
  }

  #token(): string {
    try {
      return this.#options.credential();
    } catch (error) {
      throw new OfferError(textOf(error), { isTransient: true, cause: error });
    }
  }

  async #post(
    call: "register" | "validate",
    body: object,
    token: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { address, clock } = this.#options;
    const overdue = new AbortController();
    const timer = clock.after(registryTimeoutMs, () => overdue.abort(new Overdue()));
    try {
      const response = await fetch(
        `${address.baseUrl}/cloud/environment/${encodeURIComponent(address.environmentId)}/${call}`,
        {
          method: "POST",
          headers: { ...headers, "content-type": "application/json", authorization: `Bearer ${token}` },
          body: JSON.stringify(body),
          redirect: "manual",
          signal: AbortSignal.any([signal, overdue.signal]),
        },
      );
      return { status: response.status, statusText: response.statusText, body: await shortBody(response) };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw new OfferError(`environment registry request failed: ${describeFailure(error)}`, {
        isTransient: true,
        cause: error,
      });
    } finally {
      timer.cancel();
    }
  }
}

class Overdue extends Error {
  constructor() {
    super(`no answer within ${registryTimeoutMs / 1_000} s`);
  }
}

function verdictOf({ status, body }: Answer): Verdict {
  if (status === UNAUTHORIZED) return { kind: "unauthorized" };
  if (status < OK || status >= REDIRECT)
    return { kind: "refused", reason: status === FORBIDDEN ? "registry_auth" : "registry_http", status };
  try {
    const { valid } = readValidateResponse(JSON.parse(body));
    return valid ? { kind: "valid" } : { kind: "refused", reason: "validation_protocol", status };
  } catch {
    return { kind: "refused", reason: "registry_request", status };
  }
}

function registrationError(answer: Answer, token: string): OfferError {
  const { status } = answer;
  const { code, text: told } = readRegistryFailure(answer);
  // A registry that repeats what it was sent must not have it shown.
  const text = told.replaceAll(token, "***");
  if (status === UNAUTHORIZED || status === FORBIDDEN) {
    return new OfferError(`environment registry authentication error: ${text}`, { status });
  }
  const isUncommitted =
    (status === 503 && code === "registration_conflict") ||
    (status === 502 && code === "authentication_service_unavailable");
  if (isUncommitted) return new UncommittedRegistration(text, { status });
  return new OfferError(text, { status, isTransient: status >= 500 || status === 429 || status === 408 });
}

/** @throws Error it is longer than any answer is. */
async function shortBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > OFFER_LIMITS.maxAnswerBytes)
      throw new Error(`its answer has more than ${OFFER_LIMITS.maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function textOf(error: unknown): string {
  return error instanceof SyntaxError ? "the body is no JSON" : error instanceof Error ? error.message : String(error);
}
