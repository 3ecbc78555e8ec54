import { isObject } from "@holdfast/protocol-kit";
import { OFFER_LIMITS } from "./limits.ts";

/** What an answer that is none of the expected ones says of itself. */
export interface RegistryFailure {
  readonly code: string | undefined;
  /** Undefined: nothing that could be shown. */
  readonly message: string | undefined;
}

/** Read `{"error":{"code":…,"message":…}}`, or take the body as it is. */
export function errorOf(body: string): RegistryFailure {
  const error = errorMember(body);
  const code = textIn(error?.code);
  const message = textIn(error?.message) ?? textIn(error === undefined ? body : undefined);
  return { code, message };
}

function errorMember(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) && isObject(value.error) ? value.error : undefined;
  } catch {
    return undefined;
  }
}

function textIn(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim().slice(0, OFFER_LIMITS.maxShownCharacters);
  return text === "" ? undefined : text;
}

/** The text of what kept a request from being answered: that of the platform says nothing by itself. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.message === "") return cause.errors.map(describeFailure).join("; ");
  return cause instanceof Error ? describeFailure(cause) : error.message;
}
