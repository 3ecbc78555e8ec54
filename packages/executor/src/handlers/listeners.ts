import { isIP } from "node:net";
import {
  ACCEPT_WAIT_MAX_MS,
  type EmptyResult,
  ERROR_CODES,
  type HoldfastAcceptConnectionParams,
  type HoldfastAcceptConnectionResult,
  type HoldfastAcceptedConnection,
  type HoldfastCloseListenerParams,
  type HoldfastListenParams,
  type HoldfastListenResult,
} from "@holdfast/exec-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import type { Audit } from "../audit.ts";
import {
  type ConnectionListener,
  type Incoming,
  isLoopback,
  ListenFault,
  type ListenPlace,
} from "../listeners/index.ts";
import { ConnectionChild, type ManagedProcess, RegistrationFault } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import type { Session } from "../session/session.ts";
import { connectionFacts } from "./connections.ts";
import { invalidParams, invalidRequest, toWireFault } from "./faults.ts";
import { checkId } from "./ids.ts";
import { socketPath } from "./paths.ts";

const DEFAULT_HOST = "127.0.0.1";

async function listen(
  params: HoldfastListenParams,
  { connection: { client, session } }: CallContext,
  audit: Audit,
): Promise<HoldfastListenResult> {
  const { listenerId } = params;
  checkId("listenerId", listenerId);
  const place = placeOf(params);
  try {
    const isNew = !session.listeners.has(listenerId);
    const { bound } = await session.listeners.listen(listenerId, place);
    if (isNew) audit.listening(session.id, bound ?? place, client);
    return bound ?? {};
  } catch (thrown) {
    throw toListenFault(thrown);
  }
}

/** @throws RpcFault −32602 for what can't be listened on, −32600 for what other machines would reach, unless that is asked for. */
function placeOf({ host, port, path, otherMachines }: HoldfastListenParams): ListenPlace {
  if (path !== undefined && path !== null) {
    if ((host ?? port ?? undefined) !== undefined) throw invalidParams("path must not be given beside host and port");
    return { kind: "unix", path: socketPath(path) };
  }
  const address = host === undefined || host === null || host === "localhost" ? DEFAULT_HOST : host;
  if (isIP(address) === 0) throw invalidParams("host must be an IP address or localhost");
  if (otherMachines !== true && !isLoopback(address)) {
    throw invalidRequest(`other machines can reach ${address}: otherMachines must be true if that is meant`);
  }
  return { kind: "tcp", host: address, port: port ?? 0 };
}

async function accept(
  params: HoldfastAcceptConnectionParams,
  { connection: { session } }: CallContext,
  audit: Audit,
): Promise<HoldfastAcceptConnectionResult> {
  const { listenerId, processId } = params;
  checkId("processId", processId);
  try {
    const listener = session.listeners.known(listenerId);
    const known = session.process(processId);
    if (known?.facts.listenerId === listenerId) return { connection: acceptedAs(known, true) };
    if (known !== undefined) throw new RegistrationFault(`process ${processId} already exists`);
    const waitMs = Math.min(params.waitMs ?? 0, ACCEPT_WAIT_MAX_MS);
    const process = await listener.accept((incoming) => {
      const facts = connectionFacts(incoming.from ?? pathOf(listener));
      return adopt(incoming, session, { id: processId, hasInput: true, facts: { ...facts, listenerId } });
    }, waitMs);
    if (process === undefined) return { connection: null };
    audit.connectionAccepted(session.id, process);
    return { connection: acceptedAs(process, false) };
  } catch (thrown) {
    throw toWireFault(thrown);
  }
}

/** @throws RegistrationFault when the id was taken meanwhile. */
function adopt(incoming: Incoming, session: Session, as: Parameters<Session["reserve"]>[0]): ManagedProcess {
  const process = session.reserve(as);
  const socket = incoming.take();
  const child = new ConnectionChild(socket, process.events);
  socket.resume();
  process.adopt(child);
  return process;
}

function pathOf({ place }: ConnectionListener): { readonly path: string } {
  return { path: place.kind === "unix" ? place.path : "" };
}

function acceptedAs({ facts: { argv } }: ManagedProcess, isKnown: boolean): HoldfastAcceptedConnection {
  const [host = "", port] = argv;
  return port === undefined ? { isKnown } : { isKnown, host, port: Number(port) };
}

function closeListener({ listenerId }: HoldfastCloseListenerParams, { connection }: CallContext): EmptyResult {
  connection.session.listeners.close(listenerId);
  return {};
}

function toListenFault(thrown: unknown): unknown {
  if (!(thrown instanceof ListenFault)) return toWireFault(thrown);
  const { code, message } = thrown;
  // It is in the way, or in the hands of others: that is no error of the system.
  if (code === undefined) return invalidRequest(message);
  const data = { holdfast: { code, syscall: "listen" } };
  return new RpcFault(ERROR_CODES.InternalError, message, { data, cause: thrown });
}

/** Who connects to this machine is a process to the client: `holdfast/*` of `holdfastListeners`. */
export function listenerHandlers({ audit }: { readonly audit: Audit }) {
  return {
    "holdfast/listen": (params: HoldfastListenParams, context: CallContext) => listen(params, context, audit),
    "holdfast/acceptConnection": (params: HoldfastAcceptConnectionParams, context: CallContext) =>
      accept(params, context, audit),
    "holdfast/closeListener": closeListener,
  };
}
