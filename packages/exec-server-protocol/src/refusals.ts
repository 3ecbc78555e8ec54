import { clip, type Refusals } from "@holdfast/protocol-kit";
import { ERROR_CODES } from "./errors.ts";

/** What requests that reach no handler are answered, in the words of the reference peer. */
export function refusalsOf(role: "executor" | "client"): Refusals {
  return {
    unknownMethod: (method) => ({
      code: ERROR_CODES.MethodNotFound,
      message: `method \`${clip(method)}\` is not implemented by this ${role}`,
    }),
    invalidParams: (_, reason) => ({ code: ERROR_CODES.InvalidParams, message: reason }),
  };
}
