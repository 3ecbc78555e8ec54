import { ERROR_CODES } from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";

/** −32600: what was asked for can not be done as things are. */
export function invalidRequest(message: string, data?: unknown): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidRequest, message, data === undefined ? {} : { data });
}

/** −32602: an argument is wrong. */
export function invalidParams(message: string): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidParams, message);
}

/** −32603: the system, or somebody else, refused. */
export function internalError(message: string, cause?: unknown): RpcFault {
  return new RpcFault(ERROR_CODES.InternalError, message, cause === undefined ? {} : { cause });
}
