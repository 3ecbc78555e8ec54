import type { TurnError } from "@holdfast/app-server-protocol";
import { ModelError } from "../model/model-error.ts";

/** Why a turn has failed, for clients. */
export function turnError(error: unknown): TurnError {
  const message = error instanceof Error ? error.message : String(error);
  const codexErrorInfo = error instanceof ModelError ? error.info : "other";
  return { message, codexErrorInfo, additionalDetails: null, misalignment: null };
}

/** What clients are told before another try. */
export function retryNotice(error: ModelError, retry: number, retries: number): TurnError {
  return {
    message: `Reconnecting... ${retry}/${retries}`,
    codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: error.status ?? null } },
    additionalDetails: error.message,
    misalignment: null,
  };
}
