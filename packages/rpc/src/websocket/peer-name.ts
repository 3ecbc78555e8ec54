import type { AddressInfo, Socket } from "node:net";

function hostPort(address: string, family: string | undefined, port: number): string {
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `address:port` of the far end; empty when the socket is already gone. */
export function peerNameOf(socket: Socket): string {
  const { remoteAddress, remoteFamily, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return "";
  return hostPort(remoteAddress, remoteFamily, remotePort);
}

/** The URL under which a listener can be reached. */
export function urlOf(address: AddressInfo): string {
  return `ws://${hostPort(address.address, address.family, address.port)}`;
}
