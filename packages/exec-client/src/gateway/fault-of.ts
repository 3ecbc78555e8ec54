import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { isLinkError, isRemoteError, RpcFault } from "@holdfast/rpc";

/** The refusal that tells a client what became of its call, where the executor's own answer is not it. */
export function faultOf(error: unknown): unknown {
  if (isRemoteError(error)) return new RpcFault(error.code, error.message, { data: error.data, cause: error });
  if (!isLinkError(error)) return error;
  const { method = "a call", delivery, message } = error;
  const fate = delivery === "not-sent" ? "was not sent" : "was on its way, and may have been done or not";
  return lineLost(`the connection to the executor was lost: ${message}; ${method} ${fate}`, error);
}

/** A call that belonged to a connection to the executor which is gone. A client of this project asks again on the next one. */
export function lineLost(message: string, cause?: unknown): RpcFault {
  return new RpcFault(ERROR_CODES.InternalError, message, { data: { holdfast: { code: "ECONNRESET" } }, cause });
}
