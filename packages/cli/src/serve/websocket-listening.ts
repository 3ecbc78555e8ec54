import { EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import type { AccessSettings } from "./access-settings.ts";
import { credentialCheck } from "./credential-check.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { Listening, ListenParts } from "./listening.ts";
import { openDoor } from "./open-door.ts";

type WebSocketAddress = Extract<ListenAddress, { kind: "websocket" }>;

/**
 * A client that was not heard of for this long after a ping is gone, and its session can be resumed. Longer than the 10 s
 * between the pings of a client that leaves its line unread; short enough for one that gives up after 25 s.
 */
const PONG_TIMEOUT_MS = 11_000;
const PING_INTERVAL_MS = 2_000;

/** Time that clients get to end their connections by themselves at shutdown. */
const CLOSE_GRACE_MS = 200;

/** Listen on a TCP port. @throws CommandFailure it can't be had, or a secret that clients must know can't be read. */
export async function listenOnWebSocket(
  { host, port }: WebSocketAddress,
  access: AccessSettings,
  { executor, log }: ListenParts,
): Promise<Listening> {
  const door = openDoor(executor, access, await credentialCheck(access.auth), log);
  try {
    const listener = await listenWebSocket({
      host,
      port,
      pingIntervalMs: PING_INTERVAL_MS,
      pongTimeoutMs: PONG_TIMEOUT_MS,
      closeGraceMs: CLOSE_GRACE_MS,
      ...door,
      onBug: (error) => log.warn(reasonOf(error)),
    });
    return { url: listener.url, ended: new Promise(() => {}), close: () => listener.close(EXECUTOR_SHUTDOWN.reason) };
  } catch (error) {
    const where = `ws://${host.includes(":") ? `[${host}]` : host}:${port}`;
    throw new CommandFailure(`cannot listen on ${where}: ${listenReason(error)}`, { cause: error });
  }
}

function listenReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port is in use; choose another one, or 0 for any free one";
  if (code === "EACCES") return "the system does not allow it; choose a port above 1023, or 0 for any free one";
  if (code === "EADDRNOTAVAIL") return "this machine does not have that address; 127.0.0.1 is always there";
  return `${reasonOf(error)}; try another address`;
}
