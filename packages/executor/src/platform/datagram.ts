import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const MSG_NOSIGNAL = 0x4000;
/** The path in an address of a unix socket, with the NUL at its end. */
const PATH_BYTES = 108;
const FAMILY_BYTES = 2;

const functions = lazily((library) => ({
  socket: library.func("int socket(int domain, int type, int protocol)"),
  sendto: library.func(
    "long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t size)",
  ),
  close: library.func("int close(int fd)"),
  errno: () => library.errno(),
}));

/** True where {@link sendDatagram} works: Linux with the native binding. */
export function canSendDatagrams(): boolean {
  return functions() !== undefined;
}

/**
 * Send one datagram to a unix socket, without waiting: how a service tells its manager (systemd's `sd_notify`) what it does.
 *
 * @param address - A path, or `@` and a name in the abstract namespace.
 * @throws RangeError for an address that no such socket can have, or the operating system's error with its `code`, e.g. `ENOENT`.
 */
export function sendDatagram(address: string, text: string): void {
  const calls = functions();
  if (calls === undefined) throw failure("socket", "ENOSYS");
  const far = addressOf(address);
  const socket = calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) throw failure("socket", getSystemErrorName(-calls.errno()));
  try {
    const bytes = Buffer.from(text);
    if (calls.sendto(socket, bytes, bytes.length, MSG_NOSIGNAL, far, far.length) === bytes.length) return;
    throw failure("sendto", getSystemErrorName(-calls.errno()));
  } finally {
    calls.close(socket);
  }
}

function addressOf(address: string): Buffer {
  const isAbstract = address.startsWith("@");
  const name = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  const hasNul = address.includes("\0");
  if (hasNul || !(isAbstract || address.startsWith("/")) || name.length > PATH_BYTES) {
    throw new RangeError(`'${address}' is no address of a unix socket`);
  }
  const family = Buffer.alloc(FAMILY_BYTES);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, name]);
}

function failure(call: string, code: string): Error {
  return Object.assign(new Error(`${call} failed: ${code}`), { code });
}
