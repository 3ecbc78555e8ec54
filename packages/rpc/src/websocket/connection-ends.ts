import type { Socket } from "node:net";

/** One end of a TCP connection. An IPv4 connection on an IPv6 socket has addresses like `::ffff:127.0.0.1`. */
export interface ConnectionEnd {
  readonly address: string;
  readonly port: number;
}

/** Both ends of an inbound TCP connection. */
export interface ConnectionEnds {
  readonly local: ConnectionEnd;
  readonly remote: ConnectionEnd;
}

/** `undefined` when the socket is already gone. */
export function connectionEndsOf(socket: Socket): ConnectionEnds | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined) return undefined;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return {
    local: { address: localAddress, port: localPort },
    remote: { address: remoteAddress, port: remotePort },
  };
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/i;

/** Whether an address, as a socket has it, is of the loopback interface. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.test(address);
}
