import { ERROR_CODES } from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";

/** A request that can not be served, in the words that clients know. */
export function refused(message: string, data?: unknown): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidRequest, message, data === undefined ? {} : { data });
}

export function notFound(threadId: string): RpcFault {
  return refused(`thread not found: ${threadId}`);
}

export function notLoaded(threadId: string): RpcFault {
  return refused(`thread not loaded: ${threadId}`);
}

export function noRollout(threadId: string): RpcFault {
  return refused(`no rollout found for thread id ${threadId}`);
}
