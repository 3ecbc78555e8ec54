import { createHash } from "node:crypto";
import { type PublicKey, publicKeyFromJson, publicKeyToJson } from "@holdfast/relay-protocol";
import type { Authorization, Registration } from "../ports.ts";

/*
 * What is in the buckets, as JSON: people look at it with `nats kv get`, and another release has to read it.
 */

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** Text of any kind as a part of a key or a subject: those take few characters, and have to be short. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("base64url");
}

export function writeRegistration(registration: Registration): string {
  return JSON.stringify({ ...registration, executorKey: publicKeyToJson(registration.executorKey) });
}

/** @throws Error it is not one. */
export function readRegistration(bytes: Uint8Array): Registration {
  const value = objectOf(bytes);
  return {
    environmentId: textOf(value, "environmentId"),
    registrationId: textOf(value, "registrationId"),
    executorKey: keyOf(value, "executorKey"),
    owner: textOf(value, "owner"),
    registeredAt: numberOf(value, "registeredAt"),
  };
}

export function writeAuthorization(authorization: Authorization): string {
  return JSON.stringify({ ...authorization, harnessKey: publicKeyToJson(authorization.harnessKey) });
}

/** @throws Error it is not one. */
export function readAuthorization(bytes: Uint8Array): Authorization {
  const value = objectOf(bytes);
  return {
    environmentId: textOf(value, "environmentId"),
    registrationId: textOf(value, "registrationId"),
    harnessKey: keyOf(value, "harnessKey"),
    client: textOf(value, "client"),
    expiresAt: numberOf(value, "expiresAt"),
  };
}

type Members = Readonly<Record<string, unknown>>;

/** @throws Error it is no JSON object. */
export function objectOf(bytes: Uint8Array): Members {
  const value: unknown = JSON.parse(DECODER.decode(bytes));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not a JSON object");
  return value as Members;
}

/** @throws Error the member is no text. */
export function textOf(value: Members, member: string): string {
  const text = value[member];
  if (typeof text !== "string") throw new Error(`${member} must be text`);
  return text;
}

function numberOf(value: Members, member: string): number {
  const number = value[member];
  if (typeof number !== "number" || !Number.isFinite(number)) throw new Error(`${member} must be a number`);
  return number;
}

function keyOf(value: Members, member: string): PublicKey {
  return publicKeyFromJson(value[member]);
}
