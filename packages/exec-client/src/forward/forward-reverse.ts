import { connect, type Socket } from "node:net";
import { checkOptions } from "@holdfast/rpc/client";
import { abortedCall } from "../abortable.ts";
import { checkedTarget, shownPlace, wireListen } from "../connection-place.ts";
import { InvalidArgumentError } from "../errors.ts";
import { targetOf } from "./check-target.ts";
import type { FarListener, Incoming } from "./far-listener.ts";
import type { ForwardHost } from "./forward-host.ts";
import { join } from "./join.ts";
import { listenThere } from "./listen-there.ts";
import { OpenConnections } from "./open-connections.ts";
import { openForwarding } from "./open-forwarding.ts";
import { FORWARD_REVERSE } from "./options.ts";
import type { Forwarding, ForwardReverseOptions, ForwardTarget } from "./types.ts";

/** How long a connection here may take to come about, milliseconds. */
const CONNECT_TIMEOUT_MS = 30_000;
/** Calls at once that wait for connections there, once many came: each takes the time of the way there and back. */
const WAITING_MAX = 16;

type LocalPlace = { readonly host: string; readonly port: number } | { readonly path: string };

/** `forwardReverse` of an executor. */
export async function forwardReverse(
  executor: ForwardHost,
  to: ForwardTarget,
  options: ForwardReverseOptions,
): Promise<Forwarding> {
  const place = localPlace(to);
  checkOptions(options, FORWARD_REVERSE, "forwardReverse");
  const { host, port: wantedPort, path, otherMachines, signal, onError = () => {} } = options;
  // Whatever listens there: what is wrong is told at once.
  const { pathConvention } = executor.environment;
  wireListen({ host, port: wantedPort, path, otherMachines }, pathConvention, "forwardReverse");
  if (signal?.aborted) throw abortedCall("forwardReverse", "not-sent", signal);
  const listener = await listenThere(executor, options);
  const connections = new OpenConnections(onError);
  const stopListening = (): Promise<void> => listener.close();
  const { host: address = "", port = 0, via } = listener;
  const parts = { host: address, port, path, via, connections, stopListening };
  const { forwarding, end } = await openForwarding(executor, options, parts);
  takeAll(listener, (incoming) => connections.follow(connectBack(incoming, place, connections))).catch(
    (error: unknown) => end(error instanceof Error ? error : new Error(String(error))),
  );
  return forwarding;
}

/** One call waits, and more where many came. Rejects when no more can be had. */
function takeAll(listener: FarListener, taken: (incoming: Incoming) => void): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  let wanted = 1;
  let waiting = 0;
  const wait = (): void => {
    waiting += 1;
    listener.accept().then((incoming) => {
      waiting -= 1;
      taken(incoming);
      wanted = Math.min(2 * wanted, WAITING_MAX);
      while (waiting < wanted) wait();
    }, reject);
  };
  wait();
  return promise;
}

async function connectBack(incoming: Incoming, place: LocalPlace, connections: OpenConnections): Promise<void> {
  let socket: Socket;
  try {
    socket = await connected(place, connections);
  } catch (error) {
    await incoming.refuse().catch(() => {});
    throw error;
  }
  await join(socket, () => incoming.open());
}

/** @throws InvalidArgumentError - It is no place. */
function localPlace(to: ForwardTarget): LocalPlace {
  const target = checkedTarget(targetOf(to, "localPort"), "forwardReverse");
  if (!("path" in target)) return target;
  if (typeof target.path === "string") return { path: target.path };
  throw new InvalidArgumentError("path", "the path of a socket on this machine must be a string");
}

function connected(place: LocalPlace, connections: OpenConnections): Promise<Socket> {
  if (!connections.isOpen) return Promise.reject(new Error("the forwarding is closed"));
  return new Promise((resolve, reject) => {
    const socket = connect({ ...place, allowHalfOpen: true, noDelay: true });
    connections.add(socket);
    const failed = (code: string, cause?: unknown): void => {
      socket.destroy();
      reject(Object.assign(new Error(`${code}: no connection here to ${shownPlace(place)}`, { cause }), { code }));
    };
    const late = (): void => failed("ETIMEDOUT");
    const refused = (error: NodeJS.ErrnoException): void => failed(error.code ?? "EIO", error);
    const cut = (): void => reject(new Error("the connection here was cut"));
    socket.setTimeout(CONNECT_TIMEOUT_MS, late);
    socket.on("error", refused);
    socket.once("close", cut);
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
