import { ERROR_CODES } from "@holdfast/app-server-protocol";
import { InvalidArgumentError, isFileError } from "@holdfast/exec-client";
import { isRemoteError, isRpcFault, type RpcFault } from "@holdfast/rpc";
import { internalError, invalidRequest } from "../faults.ts";

/** How what went wrong with a file is told: a rule of the executor as it is, anything else as what its system said. */
export function fileFault(error: unknown): RpcFault {
  if (isRpcFault(error)) return error;
  if (error instanceof InvalidArgumentError) return invalidRequest(error.message);
  const cause = isFileError(error) ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const isRule = isRemoteError(cause) && cause.code === ERROR_CODES.InvalidRequest;
  return isRule ? invalidRequest(message) : internalError(message);
}
