import { listenWebSocket } from "@holdfast/rpc/websocket";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import type { AccessSettings } from "./access-settings.ts";
import type { ListenAddress } from "./listen-address.ts";
import { LISTEN_TIMES } from "./listen-times.ts";
import type { Listening, ListenParts } from "./listening.ts";
import { openDoor } from "./open-door.ts";
import { replaceableListening } from "./replace/replaceable-listening.ts";
import { Secrets } from "./secrets.ts";

type WebSocketAddress = Extract<ListenAddress, { kind: "websocket" }>;

/** Listen on a TCP port, with TLS or without. @throws CommandFailure it can't be had, or a secret or certificate can't be used. */
export async function listenOnWebSocket(
  { host, port, descriptor: passed }: WebSocketAddress,
  access: AccessSettings,
  { executor, log, listener, differences }: ListenParts,
): Promise<Listening> {
  const secrets = await Secrets.read(access);
  const { checkCredentials, tls } = secrets;
  const door = openDoor(executor, access, { transport: "tcp", checkCredentials }, log);
  const open = (descriptor = passed) =>
    listenWebSocket({
      ...(descriptor === undefined ? { host, port } : { descriptor }),
      tls: secrets.tls,
      ...LISTEN_TIMES,
      ...differences,
      ...door,
      onBug: (error) => log.warn(reasonOf(error)),
    });
  try {
    return await replaceableListening(open, listener, secrets);
  } catch (error) {
    const where = `${tls === undefined ? "ws" : "wss"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
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
