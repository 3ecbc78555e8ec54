import {
  ERROR_CODES,
  type HoldfastFaultData,
  type HttpRequestParams,
  type HttpRequestResult,
  type Received,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import { HttpFault, systemErrorOf } from "../http/index.ts";
import type { CallContext } from "../session/call-context.ts";
import { checkId } from "./ids.ts";

const CODES = { "invalid-request": ERROR_CODES.InvalidParams, failed: ERROR_CODES.InternalError } as const;

/** `http/request`: a request on this machine's network. */
export async function httpRequest(
  params: Received<HttpRequestParams>,
  { connection }: CallContext,
): Promise<Sendable<HttpRequestResult>> {
  checkId("requestId", params.requestId);
  try {
    return await connection.http.run(params);
  } catch (thrown) {
    if (!(thrown instanceof HttpFault)) throw thrown;
    const data: HoldfastFaultData = { holdfast: systemErrorOf(thrown) };
    throw new RpcFault(CODES[thrown.kind], thrown.message, { data, cause: thrown });
  }
}
