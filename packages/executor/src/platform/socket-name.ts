import { lazily } from "./c-library.ts";

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const PORT_OFFSET = 2;
const PATH_OFFSET = 2;
const IPV4_OFFSET = 4;
const IPV6_OFFSET = 8;
/** Room for an address of any kind. */
const ADDRESS_BYTES = 128;

/** What a socket is bound to. */
export type SocketName =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly address: string; readonly port: number };

const functions = lazily((library) => ({
  getsockname: library.func("int getsockname(int fd, void *address, void *size)"),
}));

/**
 * What a socket is bound to that another program has made.
 *
 * @returns undefined for what is no socket, or of another kind, or has no name in the file system, and where it can't be asked (off Linux).
 */
export function socketName(fd: number): SocketName | undefined {
  const address = Buffer.alloc(ADDRESS_BYTES);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(address.length);
  if (functions()?.getsockname(fd, address, size) !== 0) return undefined;
  const end = Math.min(size.readUInt32LE(), address.length);
  switch (address.readUInt16LE()) {
    case AF_UNIX:
      return unixName(address.subarray(PATH_OFFSET, end));
    case AF_INET:
      return tcpName(address, [...address.subarray(IPV4_OFFSET, IPV4_OFFSET + 4)].join("."));
    case AF_INET6:
      return tcpName(address, ipv6(address.subarray(IPV6_OFFSET, IPV6_OFFSET + 16)));
    default:
      return undefined;
  }
}

function unixName(bytes: Buffer): SocketName | undefined {
  const [path = ""] = bytes.toString("utf8").split("\0");
  return path.startsWith("/") ? { kind: "unix", path } : undefined;
}

function tcpName(bytes: Buffer, address: string): SocketName {
  return { kind: "tcp", address, port: bytes.readUInt16BE(PORT_OFFSET) };
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
