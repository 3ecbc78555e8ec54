import { isRecord } from "../../steps/is-record.ts";
import { ModelError } from "./model-error.ts";

type Members = Readonly<Record<string, unknown>>;

/** How long somebody who may ask again is told to wait, in a text. */
const WAIT = /try again in\s*(?<count>\d+(?:\.\d+)?)\s*(?<unit>ms|s|seconds?)/i;
const MS_PER_SECOND = 1_000;

/** What a stream says of its own failure. */
export function failureOf(type: "response.failed" | "response.incomplete", response: Members): ModelError {
  if (type === "response.incomplete") {
    const details = isRecord(response.incomplete_details) ? response.incomplete_details : {};
    const reason = typeof details.reason === "string" ? details.reason : "unknown";
    return new ModelError(`Incomplete response returned, reason: ${reason}`, { info: "other", retry: "never" });
  }
  const error = isRecord(response.error) ? response.error : {};
  const text = typeof error.message === "string" ? error.message : "";
  return byCode(typeof error.code === "string" ? error.code : "", text);
}

function byCode(code: string, text: string): ModelError {
  switch (code) {
    case "context_length_exceeded":
      return new ModelError(
        "the conversation is longer than the model's context window: compact it, or start a new thread",
        { info: "contextWindowExceeded", retry: "never" },
      );
    case "insufficient_quota":
      return new ModelError("the quota at the provider of the model is used up: see to the plan or the bill there", {
        info: "usageLimitExceeded",
        retry: "never",
      });
    case "server_is_overloaded":
      return new ModelError("the model has no capacity left: try again later, or choose another model", {
        info: "serverOverloaded",
        retry: "never",
      });
    case "rate_limit_exceeded":
    case "slow_down":
      return new ModelError(`rate limit exceeded: ${text}`, {
        info: "rateLimitExceeded",
        retry: "stream",
        retryAfterMs: waitIn(text),
      });
    case "invalid_prompt":
      return new ModelError(text === "" ? "Invalid request." : text, { info: "other", retry: "never" });
    case "cyber_policy":
      return new ModelError(text, { info: "cyberPolicy", retry: "never" });
    case "bio_policy":
      return new ModelError(text, { info: "bioPolicy", retry: "never" });
    default:
      return new ModelError(`stream disconnected before completion: ${text}`, { info: "other", retry: "stream" });
  }
}

function waitIn(text: string): number | undefined {
  const { count, unit = "" } = WAIT.exec(text)?.groups ?? {};
  if (count === undefined) return undefined;
  return Number(count) * (unit.toLowerCase() === "ms" ? 1 : MS_PER_SECOND);
}
