import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { checkOptions } from "@holdfast/rpc/client";
import { abortedCall } from "../abortable.ts";
import { type ConnectionTarget, LOOPBACK, wireTarget } from "../connection-place.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { BRIDGE_TOOLS, SOCKET_TOOLS } from "./bridge-tools.ts";
import { bridgePlace, findBridgeTool, openBridged } from "./bridged-end.ts";
import { targetOf } from "./check-target.ts";
import { connectionEnd, type FarEnd } from "./far-end.ts";
import type { ForwardHost } from "./forward-host.ts";
import { join } from "./join.ts";
import { OpenConnections } from "./open-connections.ts";
import { openForwarding } from "./open-forwarding.ts";
import { FORWARD } from "./options.ts";
import type { Forwarding, ForwardOptions, ForwardTarget } from "./types.ts";

const PRIVATE_SOCKET_MODE = 0o600;
const PRIVATE_SOCKET_UMASK = 0o177;
const NO_ADDRESS = { address: "", port: 0 };

/** `forward` of an executor. */
export async function forward(executor: ForwardHost, to: ForwardTarget, options: ForwardOptions): Promise<Forwarding> {
  const target = targetOf(to, "remotePort");
  checkOptions(options, FORWARD, "forward");
  const { signal, onError = () => {} } = options;
  if (signal?.aborted) throw abortedCall("forward", "not-sent", signal);
  const { via, open } = await opener(executor, target, signal);
  const connections = new OpenConnections(onError);
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    connections.add(socket);
    // One that may have been opened on a line that broke has carried nothing, and is ended: its client waits for another one.
    connections.follow(join(socket, () => retryAcrossReconnects(open)));
  });
  await listen(server, options);
  // One connection could not be taken: too many files are open here.
  server.on("error", onError);
  const address = server.address();
  const { address: host, port } = typeof address === "object" && address !== null ? address : NO_ADDRESS;
  const stopListening = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  const place = { host, port, path: options.path, via };
  return (await openForwarding(executor, options, { ...place, connections, stopListening })).forwarding;
}

/** How a connection is opened there. */
async function opener(
  executor: ForwardHost,
  to: ConnectionTarget,
  signal: AbortSignal | undefined,
): Promise<{ readonly via: Forwarding["via"]; readonly open: () => Promise<FarEnd> }> {
  const { environment, processes } = executor;
  const { capabilities, pathConvention } = environment;
  // Whatever connects there: what is wrong is told at once.
  wireTarget(to, pathConvention, "forward");
  if ("path" in to ? capabilities.holdfastListeners : capabilities.holdfastConnections) {
    return { via: "executor", open: async () => connectionEnd(await processes.openConnection(to)) };
  }
  const place = bridgePlace(to);
  const via = await findBridgeTool(executor, {
    operation: "forward",
    capability: "path" in to ? "holdfastListeners" : "holdfastConnections",
    tools: "path" in to ? SOCKET_TOOLS : BRIDGE_TOOLS,
    signal,
  });
  return { via, open: () => openBridged(executor, via, place) };
}

async function listen(server: Server, { port = 0, host = LOOPBACK, path }: ForwardOptions): Promise<void> {
  if (path === undefined) server.listen(port, host);
  else listenPrivately(server, path);
  await once(server, "listening");
  if (path === undefined) return;
  try {
    await chmod(path, PRIVATE_SOCKET_MODE);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** For nobody else from its first moment, where it may be said with which permission bits files are made: in a worker it may not. */
function listenPrivately(server: Server, path: string): void {
  const umask = setUmask(PRIVATE_SOCKET_UMASK);
  try {
    // The socket is made before it returns.
    server.listen(path);
  } finally {
    if (umask !== undefined) setUmask(umask);
  }
}

/** @returns the one before; undefined where it can't be set. */
function setUmask(mask: number): number | undefined {
  try {
    return process.umask(mask);
  } catch {
    return undefined;
  }
}
