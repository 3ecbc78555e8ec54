import { isIP } from "node:net";
import {
  CONNECTIONS_MAX,
  type EmptyResult,
  ERROR_CODES,
  type HoldfastFaultData,
  type HoldfastOpenConnectionParams,
  type HoldfastOpenSocketParams,
} from "@holdfast/exec-server-protocol";
import { type Clock, RpcFault } from "@holdfast/rpc";
import type { Audit } from "../audit.ts";
import { ConnectionFault, type ConnectionTarget, openConnection, type ProcessFacts } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import { invalidParams, invalidRequest, toWireFault } from "./faults.ts";
import { checkId } from "./ids.ts";
import { socketPath } from "./paths.ts";

/** As resolvers take it; other alphabets are spelt out in this one. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?$/i;

/** What the handler of connections stands on. */
export interface ConnectionHandlerOptions {
  readonly audit: Audit;
  readonly delay: Pick<Clock, "after">;
}

async function open(
  processId: string,
  target: ConnectionTarget,
  { connection: { client, session } }: CallContext,
  { audit, delay }: ConnectionHandlerOptions,
): Promise<EmptyResult> {
  checkId("processId", processId);
  if (!session.hasRoomForConnection)
    throw invalidRequest(`at most ${CONNECTIONS_MAX} connections may be open in one session`);
  try {
    const process = session.reserve({ id: processId, hasInput: true, facts: connectionFacts(target) });
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

/** What is known of a connection, by the place at its other end. */
export function connectionFacts(to: ConnectionTarget): ProcessFacts {
  const argv = "path" in to ? [to.path] : [to.host, String(to.port)];
  return { argv, isArgvCut: false, cwd: undefined, isTerminal: false, startedAtMs: Date.now(), isConnection: true };
}

/** @throws RpcFault −32602 for what no connection can go to. */
function targetOf({ host, port }: HoldfastOpenConnectionParams): ConnectionTarget {
  if (port < 1) throw invalidParams("port must be from 1 to 65535, not 0");
  if (isIP(host) === 0 && !HOST_NAME.test(host))
    throw invalidParams("host must be an IP address or the name of a host");
  return { host, port };
}

function toConnectionFault(thrown: unknown): unknown {
  if (!(thrown instanceof ConnectionFault)) return toWireFault(thrown);
  const data: HoldfastFaultData = { holdfast: { code: thrown.code, syscall: thrown.syscall } };
  return new RpcFault(ERROR_CODES.InternalError, thrown.message, { data, cause: thrown });
}

/** `holdfast/openConnection` and `openSocket`: a connection is a process to the client. */
export function connectionHandlers(options: ConnectionHandlerOptions) {
  return {
    "holdfast/openConnection": async (params: HoldfastOpenConnectionParams, context: CallContext) =>
      await open(params.processId, targetOf(params), context, options),
    "holdfast/openSocket": async ({ processId, path }: HoldfastOpenSocketParams, context: CallContext) =>
      await open(processId, { path: socketPath(path) }, context, options),
  };
}
