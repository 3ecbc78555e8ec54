import { isObject } from "@holdfast/protocol-kit";

/** What a registry says of a call that it did not grant. */
export interface RegistryFailure {
  /** What it calls it, if anything. */
  readonly code: string | undefined;
  /** The whole in the words of the peers, on one line. It may repeat what was sent, a token included. */
  readonly text: string;
}

/** What is told of a registry's own words, characters. */
const TOLD_MAX_CHARACTERS = 4_096;

/** Read an answer of another status than was hoped for: `{"error":{"code":…,"message":…}}`, or any text. */
export function readRegistryFailure(answer: {
  readonly status: number;
  /** Such as `Not Found`. */
  readonly statusText: string;
  readonly body: string;
}): RegistryFailure {
  const { status, statusText, body } = answer;
  const { code, message } = errorOf(body);
  const isAboutAuth = status === 401 || status === 403;
  const what = isAboutAuth ? "authentication failed" : "request failed";
  const told = message ?? (isAboutAuth ? "empty error body" : "empty or malformed error body");
  const shown = [`${status} ${statusText}`.trim(), ...(code === undefined || isAboutAuth ? [] : [code])];
  return { code, text: `environment registry ${what} (${shown.join(", ")}): ${told}` };
}

function errorOf(body: string): { readonly code: string | undefined; readonly message: string | undefined } {
  const error = errorMember(body);
  return {
    code: lineOf(error?.code),
    message: lineOf(error?.message) ?? lineOf(error === undefined ? body : undefined),
  };
}

function errorMember(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) && isObject(value.error) ? value.error : undefined;
  } catch {
    return undefined;
  }
}

/** Without what could steer a terminal, or make a second line in a log. */
function lineOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value
    .slice(0, TOLD_MAX_CHARACTERS)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  return text === "" ? undefined : text;
}
