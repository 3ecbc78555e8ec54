import { isRecord } from "../../steps/is-record.ts";
import { REFUSAL_SHOWN_LENGTH } from "./limits.ts";
import { ModelError } from "./model-error.ts";

/** An answer that is no stream. */
export interface RefusedRequest {
  readonly status: number;
  /** The beginning of it. */
  readonly body: string;
  /** Without its query, which may have keys. */
  readonly url: string;
  /** Of the header `retry-after`. */
  readonly retryAfterMs: number | undefined;
}

/** The phrases of the statuses that providers use. */
const REASONS: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Payload Too Large",
  422: "Unprocessable Entity",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** What the failure of a request means for its turn, after the tries that are of the request's own. */
export function refusalOf({ status, body, url, retryAfterMs }: RefusedRequest): ModelError {
  const error = errorIn(body);
  switch (status) {
    case 400:
      return new ModelError(shown(body), { info: "other", retry: "never" });
    case 429:
      return tooMany(error, retryAfterMs);
    case 500:
      return new ModelError("the provider of the model answers 500: high demand, or an error of its own", {
        info: "internalServerError",
        retry: "stream",
        status,
      });
    default: {
      const reason = typeof error.message === "string" ? error.message : body.trim() || "Unknown error";
      const name = `${status} ${REASONS[status] ?? "<unknown status code>"}`;
      return new ModelError(`unexpected status ${name}: ${shown(reason)}, url: ${url}`, {
        info: { httpConnectionFailed: { httpStatusCode: status } },
        retry: "stream",
        status,
      });
    }
  }
}

function tooMany(error: Readonly<Record<string, unknown>>, retryAfterMs: number | undefined): ModelError {
  if (error.type === "usage_limit_reached" || error.type === "usage_not_included") {
    return new ModelError(`the usage limit at the provider of the model is reached${resetOf(error.resets_at)}`, {
      info: "usageLimitExceeded",
      retry: "never",
    });
  }
  return new ModelError("exceeded retry limit, last status: 429 Too Many Requests", {
    info: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
    retry: retryAfterMs === undefined ? "never" : "stream",
    retryAfterMs,
    status: 429,
  });
}

/** @param at - Unix seconds. */
function resetOf(at: unknown): string {
  if (typeof at !== "number" || !(Math.abs(at) < 8.64e12)) return "";
  return `: try again at ${new Date(at * 1_000).toISOString()}`;
}

function errorIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) && isRecord(value.error) ? value.error : {};
  } catch {
    return {};
  }
}

function shown(text: string): string {
  return text.length <= REFUSAL_SHOWN_LENGTH ? text : `${text.slice(0, REFUSAL_SHOWN_LENGTH - 1)}…`;
}
