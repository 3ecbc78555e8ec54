import type { AddressInfo, Socket } from "node:net";
import { isUnixSocket } from "./connection-ends.ts";

function hostPort(address: string, family: string | undefined, port: number): string {
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The name of every far end of a unix socket. */
const LOCAL = "unix";

/** `address:port` of the far end, `unix` for one of a unix socket; empty when the socket is already gone. */
export function peerNameOf(socket: Socket): string {
  const { remoteAddress, remoteFamily, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return isUnixSocket(socket) ? LOCAL : "";
  return hostPort(remoteAddress, remoteFamily, remotePort);
}

/** The URL under which a listener on TCP can be reached. */
export function urlOf(address: AddressInfo, scheme: "ws" | "wss"): string {
  return `${scheme}://${hostPort(address.address, address.family, address.port)}`;
}
