import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const SCM_RIGHTS = 1;
const TEXT_BYTES = 512;
const CONTROL_BYTES = 64;
/** Length, level and type, in front of what a control message carries. */
const CONTROL_HEADER_BYTES = 16;
const MESSAGE_BYTES = 56;

const functions = lazily((library) => {
  // Kept for good: the message points to the others.
  const text = Buffer.alloc(TEXT_BYTES);
  const control = Buffer.alloc(CONTROL_BYTES);
  const vector = Buffer.alloc(16);
  const message = Buffer.alloc(MESSAGE_BYTES);
  vector.writeBigUInt64LE(library.addressOf(text), 0);
  vector.writeBigUInt64LE(BigInt(TEXT_BYTES), 8);
  message.writeBigUInt64LE(library.addressOf(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(library.addressOf(control), 32);
  return {
    text,
    control,
    vector,
    message,
    socketpair: library.func("int socketpair(int domain, int type, int protocol, _Out_ int *sockets)"),
    receive: library.func("long recvmsg(int socket, void *message, int flags)"),
    errno: () => library.errno(),
  };
});

/** True where {@link makeSocketPair} and {@link receiveDescriptor} work. */
export function canPassDescriptors(): boolean {
  return functions() !== undefined;
}

/**
 * Two stream sockets that are connected to each other, close-on-exec.
 *
 * @throws the operating system's error with its `code`, e.g. `EMFILE`.
 */
export function makeSocketPair(): readonly [number, number] {
  const calls = functions();
  if (calls === undefined) throw failure("socketpair", "ENOSYS");
  const sockets: [number, number] = [-1, -1];
  if (calls.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) === 0) return sockets;
  throw failure("socketpair", getSystemErrorName(-calls.errno()));
}

/** A descriptor that came over a socket, and the bytes that it came with. The descriptor is the receiver's to close. */
export interface PassedDescriptor {
  readonly text: string;
  readonly fd: number;
}

/** What waits on a socket, without waiting for it; `undefined` when nothing does. Bytes without a descriptor are dropped. */
export function receiveDescriptor(socket: number): PassedDescriptor | undefined {
  const calls = functions();
  if (calls === undefined) return undefined;
  const { text, control, message } = calls;
  for (;;) {
    message.writeBigUInt64LE(BigInt(CONTROL_BYTES), 40);
    control.fill(0);
    const received = calls.receive(socket, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (received <= 0) return undefined;
    const hasDescriptor = control.readBigUInt64LE(0) > 0n && control.readInt32LE(12) === SCM_RIGHTS;
    if (hasDescriptor) {
      return { text: text.toString("utf8", 0, received), fd: control.readInt32LE(CONTROL_HEADER_BYTES) };
    }
  }
}

function failure(call: string, code: string): Error {
  return Object.assign(new Error(`${call} failed: ${code}`), { code });
}
