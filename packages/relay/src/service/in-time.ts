import type { Clock } from "@holdfast/rpc";
import { SERVICE_LIMITS } from "./limits.ts";
import { RegistrationConflict } from "./ports.ts";
import { type RegistryRefusal, unavailable } from "./registry-answer.ts";

/** Code of a refusal because the stores can not say. */
export const REGISTRY_UNAVAILABLE = "registry_unavailable";

/**
 * What the stores say, in the time that a caller waits for.
 *
 * @throws RegistryRefusal - They failed, or took too long: 503, after which it may be tried again.
 */
export async function inTime<Result>(
  clock: Clock,
  asked: Promise<Result>,
  onFailure: (error: unknown) => void,
): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = clock.after(SERVICE_LIMITS.storeTimeoutMs, () =>
    reject(new Error("the stores of the relay do not answer")),
  );
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    throw refusalOf(error, onFailure);
  } finally {
    timer.cancel();
  }
}

function refusalOf(error: unknown, onFailure: (error: unknown) => void): RegistryRefusal {
  if (error instanceof RegistrationConflict) {
    return unavailable("registration_conflict", "another executor registered this environment at the same time");
  }
  onFailure(error);
  return unavailable(REGISTRY_UNAVAILABLE, "the registry can not be asked now");
}
