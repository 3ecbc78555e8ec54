import type { AddressInfo, Socket } from "node:net";

const hostPort = (address: string, family: string | undefined, port: number): string =>
  family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;

/** `address:port` of the far end; empty when the socket is already gone. */
export const peerNameOf = (socket: Socket): string => {
  const { remoteAddress, remoteFamily, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return "";
  return hostPort(remoteAddress, remoteFamily, remotePort);
};

/** The URL under which a listener can be reached. */
export const urlOf = (address: AddressInfo): string =>
  `ws://${hostPort(address.address, address.family, address.port)}`;
