import { type Registration, RegistrationConflict, type Registrations } from "../ports.ts";
import type { Bucket } from "./bucket.ts";
import { digestOf, readRegistration, writeRegistration } from "./stored-values.ts";

/** Registrations in a bucket of JetStream. */
export class NatsRegistrations implements Registrations {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async get(environmentId: string): Promise<Registration | undefined> {
    const { value } = await this.#bucket.get(keyOf(environmentId));
    if (value === undefined) return undefined;
    const registration = readRegistration(value);
    return registration.environmentId === environmentId ? registration : undefined;
  }

  async put(registration: Registration): Promise<void> {
    const key = keyOf(registration.environmentId);
    const { revision } = await this.#bucket.get(key);
    if (!(await this.#bucket.write(key, writeRegistration(registration), revision))) {
      throw new RegistrationConflict("another registration of the environment was written at the same time");
    }
  }
}

function keyOf(environmentId: string): string {
  return `environment.${digestOf(environmentId)}`;
}
