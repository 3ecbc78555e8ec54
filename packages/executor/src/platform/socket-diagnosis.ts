import { lazily } from "./c-library.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_RAW_CLOSE_ON_EXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
const IPPROTO_TCP = 6;
const ALL_STATES = 0xffff_ffff;
const NO_COOKIE = 0xffff_ffff;
const TCP_LISTEN = 10;
const MSG_DONTWAIT = 0x40;

const MESSAGE_HEADER_BYTES = 16;
const REQUEST_BYTES = MESSAGE_HEADER_BYTES + 56;
const ANSWER_BYTES = 512;
/** Of the family and kernel address of a netlink socket: 0 is the kernel. */
const KERNEL_ADDRESS = Buffer.from([AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** One end of a connection, with an address of 4 or 16 bytes. */
export interface SocketEnd {
  readonly address: Uint8Array;
  readonly port: number;
}

/** What the system knows of a TCP socket. */
export interface DiagnosedSocket {
  /** Who made it, as this user namespace sees it. Means nothing without an inode. */
  readonly uid: number;
  /** 0: no process has it any more. */
  readonly inode: number;
}

const functions = lazily((library) => ({
  socket: library.func("int socket(int domain, int type, int protocol)"),
  close: library.func("int close(int fd)"),
  send: library.func(
    "long sendto(int fd, const void *data, size_t length, int flags, const void *address, unsigned int size)",
  ),
  receive: library.func("long recv(int fd, void *data, size_t length, int flags)"),
}));

/**
 * Ask the system for the one TCP socket of this network namespace that has these ends. Exact, and no slower with many sockets.
 *
 * @param own - The end of the socket that is asked for; `peer` the other one. Both addresses are of one length.
 * @param scope - Number of the interface that a link-local address belongs to, else 0.
 * @returns `undefined` when there is none, or it can't be asked.
 */
export function diagnoseSocket(own: SocketEnd, peer: SocketEnd, scope: number): DiagnosedSocket | undefined {
  const calls = functions();
  if (calls === undefined) return undefined;
  const fd = calls.socket(AF_NETLINK, SOCK_RAW_CLOSE_ON_EXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return undefined;
  try {
    const request = requestFor(own, peer, scope);
    const sent = calls.send(fd, request, request.length, 0, KERNEL_ADDRESS, KERNEL_ADDRESS.length);
    if (sent !== request.length) return undefined;
    // The kernel has answered when the request is sent.
    const answer = Buffer.alloc(ANSWER_BYTES);
    const received = calls.receive(fd, answer, answer.length, MSG_DONTWAIT);
    return read(answer.subarray(0, Math.max(received, 0)), peer.port);
  } finally {
    calls.close(fd);
  }
}

/** `struct nlmsghdr` and `struct inet_diag_req_v2`: numbers of this machine's order, but ports and addresses of the network's. */
function requestFor(own: SocketEnd, peer: SocketEnd, scope: number): Buffer {
  const bytes = Buffer.alloc(REQUEST_BYTES);
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  words.setUint32(0, REQUEST_BYTES, IS_LITTLE);
  words.setUint16(4, SOCK_DIAG_BY_FAMILY, IS_LITTLE);
  words.setUint16(6, NLM_F_REQUEST, IS_LITTLE);
  bytes[16] = own.address.length === 4 ? AF_INET : AF_INET6;
  bytes[17] = IPPROTO_TCP;
  words.setUint32(20, ALL_STATES, IS_LITTLE);
  words.setUint16(24, own.port);
  words.setUint16(26, peer.port);
  bytes.set(own.address, 28);
  bytes.set(peer.address, 44);
  words.setUint32(60, scope, IS_LITTLE);
  words.setUint32(64, NO_COOKIE, IS_LITTLE);
  words.setUint32(68, NO_COOKIE, IS_LITTLE);
  return bytes;
}

const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** `struct inet_diag_msg`. Where no connection fits, the system names a listener on the same port: that is not meant. */
function read(answer: Buffer, peerPort: number): DiagnosedSocket | undefined {
  if (answer.length < MESSAGE_HEADER_BYTES + 72) return undefined;
  const words = new DataView(answer.buffer, answer.byteOffset, answer.length);
  const type = words.getUint16(4, IS_LITTLE);
  const isOfListener = answer[17] === TCP_LISTEN || words.getUint16(22) !== peerPort;
  if (type === NLMSG_ERROR || type !== SOCK_DIAG_BY_FAMILY || isOfListener) return undefined;
  return { uid: words.getUint32(80, IS_LITTLE), inode: words.getUint32(84, IS_LITTLE) };
}
