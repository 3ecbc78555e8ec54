import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** One end of a TCP connection. An IPv4 connection on an IPv6 socket has addresses like `::ffff:127.0.0.1`. */
export interface ConnectionEnd {
  readonly address: string;
  readonly port: number;
}

/** Both ends of an inbound TCP connection. */
export interface ConnectionEnds {
  readonly local: ConnectionEnd;
  readonly remote: ConnectionEnd;
  /** Subject of the certificate that the client showed, checked, in one line: `O=Example, CN=ci`. Absent where none was asked for. */
  readonly clientSubject?: string | undefined;
}

/** An inbound connection on a unix socket. */
export interface SocketConnection {
  /** Descriptor of this side's socket, by which the system tells who is at the other one. */
  readonly descriptor: number;
}

/** What is known of a connection before its handshake is answered. */
export type InboundConnection = ConnectionEnds | SocketConnection;

/** `undefined` when the socket is already gone. */
export function inboundConnectionOf(socket: Socket): InboundConnection | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined && remoteAddress === undefined) {
    const descriptor = descriptorOf(socket);
    return descriptor === undefined ? undefined : { descriptor };
  }
  if (localAddress === undefined || localPort === undefined) return undefined;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  const ends = {
    local: { address: localAddress, port: localPort },
    remote: { address: remoteAddress, port: remotePort },
  };
  const clientSubject = clientSubjectOf(socket);
  return clientSubject === undefined ? ends : { ...ends, clientSubject };
}

/** The handle of a unix socket, which has its descriptor; that of TCP has one, too, but is told by its ends. */
interface SocketHandle {
  readonly fd?: number;
  getsockname?(): unknown;
}

/** Of one that is still open. A closed TCP connection has no ends, either. */
export function isUnixSocket(socket: Socket): boolean {
  return descriptorOf(socket) !== undefined;
}

function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { readonly _handle?: SocketHandle | null };
  if (handle === undefined || handle === null || handle.getsockname !== undefined) return undefined;
  return handle.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}

function clientSubjectOf(socket: Socket): string | undefined {
  if (!("getPeerX509Certificate" in socket)) return undefined;
  const { authorized, getPeerX509Certificate } = socket as TLSSocket;
  const certificate = authorized ? getPeerX509Certificate.call(socket) : undefined;
  return certificate?.subject.trim().split("\n").join(", ");
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/i;

/** Whether an address, as a socket has it, is of the loopback interface. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.test(address);
}
