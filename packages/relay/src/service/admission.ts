import { permits, type TokenEntry, type TokenRole } from "../tokens/index.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import { countedAddress, RateLimit } from "./rate-limit.ts";
import { RegistryRefusal, unavailable } from "./registry-answer.ts";
import type { ServiceClock } from "./service-clock.ts";
import type { EnvironmentCall } from "./service-path.ts";

const ROLES: Readonly<Record<EnvironmentCall, TokenRole>> = {
  register: "executor",
  connect: "client",
  validate: "executor",
};

/** Who may ask for what, and how often. */
export class Admission {
  readonly #byToken: RateLimit;
  readonly #byEnvironment: RateLimit;
  readonly #failures: RateLimit;

  constructor(clock: ServiceClock) {
    const { maxCounted } = SERVICE_LIMITS;
    const now = (): number => clock.now();
    const { tokenBurst, tokenPerSecond, environmentBurst, environmentPerSecond } = SERVICE_LIMITS;
    this.#byToken = new RateLimit({ burst: tokenBurst, perSecond: tokenPerSecond }, maxCounted, now);
    const ofEnvironment = { burst: environmentBurst, perSecond: environmentPerSecond };
    this.#byEnvironment = new RateLimit(ofEnvironment, maxCounted, now);
    const { failureBurst, failuresPerSecond } = SERVICE_LIMITS;
    this.#failures = new RateLimit({ burst: failureBurst, perSecond: failuresPerSecond }, maxCounted, now);
  }

  /** @throws RegistryRefusal - The token is not for that, or it was asked too often. */
  check(call: EnvironmentCall, environmentId: string, token: TokenEntry): void {
    if (token.role !== ROLES[call]) {
      throw new RegistryRefusal(
        403,
        "wrong_role",
        `the token is for ${token.role}, and ${call} needs one for ${ROLES[call]}`,
      );
    }
    if (!permits(token, ROLES[call], environmentId)) {
      throw new RegistryRefusal(403, "wrong_environment", `the token is not for the environment ${environmentId}`);
    }
    if (this.#byToken.take(token.id) && this.#byEnvironment.take(`${token.id} ${call} ${environmentId}`)) return;
    // Executors of Codex end for good at a 429, and try a conflict again.
    if (call === "register") throw unavailable("registration_conflict", "this executor registers too often");
    throw new RegistryRefusal(429, "too_many_requests", "this token asks too often", { "Retry-After": "1" });
  }

  /**
   * Count a refusal of a caller without a usable token.
   *
   * @returns whether it is worth its words: an address that is refused all the time gets none, and is not recorded. It is not kept from showing a token, because others
   * may come from there as well.
   */
  refused(address: string): boolean {
    return this.#failures.take(countedAddress(address));
  }
}
