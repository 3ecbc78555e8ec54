import { clip, isObject } from "@holdfast/protocol-kit";
import { SECURITY_PROFILE } from "./limits.ts";
import { PublicKeyError, publicKeyFromJson } from "./public-key.ts";
import type {
  ConnectRequest,
  ConnectResponse,
  PublicKeyJson,
  RegisterRequest,
  RegisterResponse,
  ValidateRequest,
  ValidateResponse,
} from "./registry.ts";

/** A body of the registry's protocol that can't be used: the member and the rule that it breaks, never what it holds. */
export class RegistryJsonError extends Error {
  override readonly name = "RegistryJsonError";
}

export function readRegisterRequest(value: unknown): RegisterRequest {
  const body = objectOf(value);
  const security_profile = textOf(body, "security_profile");
  if (security_profile !== SECURITY_PROFILE) {
    throw new RegistryJsonError(`\`security_profile\` is not ${SECURITY_PROFILE}`);
  }
  return { security_profile, executor_public_key: keyOf(body, "executor_public_key") };
}

export function readConnectRequest(value: unknown): ConnectRequest {
  return { harness_public_key: keyOf(objectOf(value), "harness_public_key") };
}

export function readValidateRequest(value: unknown): ValidateRequest {
  const body = objectOf(value);
  return {
    executor_registration_id: textOf(body, "executor_registration_id"),
    harness_public_key: keyOf(body, "harness_public_key"),
    harness_key_authorization: textOf(body, "harness_key_authorization"),
  };
}

/** @param environmentId - The one that was asked for. */
export function readRegisterResponse(value: unknown, environmentId: string): RegisterResponse {
  const body = objectOf(value);
  return { ...placeOf(body, environmentId) };
}

/** @param environmentId - The one that was asked for. */
export function readConnectResponse(value: unknown, environmentId: string): ConnectResponse {
  const body = objectOf(value);
  const response = {
    ...placeOf(body, environmentId),
    executor_public_key: keyOf(body, "executor_public_key"),
    harness_key_authorization: textOf(body, "harness_key_authorization"),
  };
  const needed = [response.url, response.executor_registration_id, response.harness_key_authorization];
  if (needed.some((text) => text.trim() === "")) {
    throw new RegistryJsonError("environment registry returned incomplete Noise connection data");
  }
  return response;
}

/** Anything but `valid: true` is a refusal, too. */
export function readValidateResponse(value: unknown): ValidateResponse {
  const { valid } = objectOf(value);
  if (typeof valid !== "boolean") throw new RegistryJsonError("`valid` is not a boolean");
  return { valid };
}

function placeOf(body: Record<string, unknown>, environmentId: string): RegisterResponse {
  const response = {
    environment_id: textOf(body, "environment_id"),
    url: textOf(body, "url"),
    security_profile: textOf(body, "security_profile"),
    executor_registration_id: textOf(body, "executor_registration_id"),
  };
  if (response.environment_id !== environmentId) {
    throw new RegistryJsonError("environment registry returned a different environment id");
  }
  if (response.security_profile !== SECURITY_PROFILE) {
    throw new RegistryJsonError(
      `environment registry returned unsupported security profile \`${clip(response.security_profile)}\``,
    );
  }
  return response;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new RegistryJsonError("the body is not a JSON object");
  return value;
}

function textOf(body: Record<string, unknown>, member: string): string {
  const value = body[member];
  if (typeof value !== "string") throw new RegistryJsonError(`\`${member}\` is not a string`);
  return value;
}

function keyOf(body: Record<string, unknown>, member: string): PublicKeyJson {
  const value = body[member];
  try {
    publicKeyFromJson(value);
  } catch (error) {
    if (error instanceof PublicKeyError) throw new RegistryJsonError(`\`${member}\`: ${error.message}`);
    throw error;
  }
  return value as PublicKeyJson;
}
