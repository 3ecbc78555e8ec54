import { ModelError } from "./model-error.ts";

/** A response that is longer than anything that makes sense; it would be so again. */
export function tooLong(reason: string): ModelError {
  return new ModelError(`the response of the model is too long: ${reason}`, { info: "other", retry: "never" });
}
