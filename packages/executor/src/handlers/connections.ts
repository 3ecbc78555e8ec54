import { isIP } from "node:net";
import {
  CONNECTIONS_MAX,
  ERROR_CODES,
  type HoldfastFaultData,
  type HoldfastOpenConnectionParams,
  type HoldfastOpenConnectionResult,
} from "@holdfast/exec-server-protocol";
import { type Clock, RpcFault } from "@holdfast/rpc";
import type { Audit } from "../audit.ts";
import { ConnectionFault, type ConnectionTarget, openConnection } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import type { Session } from "../session/session.ts";
import { invalidParams, invalidRequest, toWireFault } from "./faults.ts";
import { checkId } from "./ids.ts";

/** As resolvers take it; other alphabets are spelt out in this one. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?$/i;

/** What the handler of connections stands on. */
export interface ConnectionHandlerOptions {
  readonly audit: Audit;
  readonly delay: Pick<Clock, "after">;
}

async function open(
  params: HoldfastOpenConnectionParams,
  { connection: { client, session } }: CallContext,
  { audit, delay }: ConnectionHandlerOptions,
): Promise<HoldfastOpenConnectionResult> {
  const target = targetOf(params);
  const { processId } = params;
  checkId("processId", processId);
  checkRoom(session);
  const argv = [target.host, String(target.port)];
  const facts = {
    argv,
    isArgvCut: false,
    cwd: undefined,
    isTerminal: false,
    startedAtMs: Date.now(),
    isConnection: true,
  };
  try {
    const process = session.reserve({ id: processId, hasInput: true, facts });
    try {
      process.adopt(await openConnection(target, delay, process.events));
      audit.connectionOpened(session.id, process, client);
    } catch (thrown) {
      session.abandon(process);
      throw thrown;
    }
  } catch (thrown) {
    throw toConnectionFault(thrown);
  }
  return {};
}

/** @throws RpcFault −32602 for what no connection can go to. */
function targetOf({ host, port }: HoldfastOpenConnectionParams): ConnectionTarget {
  if (port < 1) throw invalidParams("port must be from 1 to 65535, not 0");
  if (isIP(host) === 0 && !HOST_NAME.test(host))
    throw invalidParams("host must be an IP address or the name of a host");
  return { host, port };
}

/** Those that are being opened count as well. @throws RpcFault −32600 */
function checkRoom(session: Session): void {
  const open = session.processes().filter(({ facts, state }) => facts.isConnection === true && state.kind !== "closed");
  if (open.length >= CONNECTIONS_MAX)
    throw invalidRequest(`at most ${CONNECTIONS_MAX} connections may be open in one session`);
}

function toConnectionFault(thrown: unknown): unknown {
  if (!(thrown instanceof ConnectionFault)) return toWireFault(thrown);
  const data: HoldfastFaultData = { holdfast: { code: thrown.code, syscall: thrown.syscall } };
  return new RpcFault(ERROR_CODES.InternalError, thrown.message, { data, cause: thrown });
}

/** `holdfast/openConnection`: a connection is a process to the client. */
export function connectionHandlers(options: ConnectionHandlerOptions) {
  return {
    "holdfast/openConnection": (params: HoldfastOpenConnectionParams, context: CallContext) =>
      open(params, context, options),
  };
}
