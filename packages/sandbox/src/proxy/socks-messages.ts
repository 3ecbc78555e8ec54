import { normalizeHost } from "./host-name.ts";

/** What a server answers to a request, by its number. */
export const SOCKS_REPLY = {
  succeeded: 0,
  generalFailure: 1,
  notAllowed: 2,
  hostUnreachable: 4,
  commandNotSupported: 7,
  addressTypeNotSupported: 8,
} as const;

/** The number of an answer. */
export type SocksReply = (typeof SOCKS_REPLY)[keyof typeof SOCKS_REPLY];

/** A message as far as it has come. */
export type Parsed<Value> =
  | { readonly kind: "incomplete" }
  | { readonly kind: "invalid"; readonly reply: SocksReply | undefined }
  | { readonly kind: "complete"; readonly value: Value; readonly bytes: number };

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const COMMAND_CONNECT = 1;
const ADDRESS_IPV4 = 1;
const ADDRESS_NAME = 3;
const ADDRESS_IPV6 = 4;

const INCOMPLETE = { kind: "incomplete" } as const;

/** The first message: which ways to authenticate the client offers. The value tells whether "none" is among them. */
export function parseGreeting(data: Buffer): Parsed<boolean> {
  const [version, count] = data;
  if (version !== undefined && version !== VERSION) return { kind: "invalid", reply: undefined };
  if (count === undefined || data.length < 2 + count) return INCOMPLETE;
  return { kind: "complete", value: data.subarray(2, 2 + count).includes(NO_AUTHENTICATION), bytes: 2 + count };
}

/** The second message: where to connect. */
export function parseRequest(data: Buffer): Parsed<{ host: string; port: number }> {
  const [version, command, reserved, type, first] = data;
  if (version !== undefined && version !== VERSION) return { kind: "invalid", reply: undefined };
  if (command !== undefined && command !== COMMAND_CONNECT) {
    return { kind: "invalid", reply: SOCKS_REPLY.commandNotSupported };
  }
  if (reserved !== undefined && reserved !== 0) return { kind: "invalid", reply: SOCKS_REPLY.generalFailure };
  if (type === undefined) return INCOMPLETE;
  if (type !== ADDRESS_IPV4 && type !== ADDRESS_NAME && type !== ADDRESS_IPV6) {
    return { kind: "invalid", reply: SOCKS_REPLY.addressTypeNotSupported };
  }
  if (first === undefined) return INCOMPLETE;
  const start = type === ADDRESS_NAME ? 5 : 4;
  const end = start + (type === ADDRESS_NAME ? first : type === ADDRESS_IPV4 ? 4 : 16);
  if (data.length < end + 2) return INCOMPLETE;
  const host = hostOf(type, data.subarray(start, end));
  const port = data.readUInt16BE(end);
  if (host === undefined || port === 0) return { kind: "invalid", reply: SOCKS_REPLY.generalFailure };
  return { kind: "complete", value: { host, port }, bytes: end + 2 };
}

/** The answer to a request. The local address of the outbound connection is not disclosed. */
export function socksReply(reply: SocksReply): Buffer {
  return Buffer.of(VERSION, reply, 0, ADDRESS_IPV4, 0, 0, 0, 0, 0, 0);
}

/** The answer to a greeting: no authentication, or none of the ways offered. */
export function greetingReply(isAcceptable: boolean): Buffer {
  return Buffer.of(VERSION, isAcceptable ? NO_AUTHENTICATION : 0xff);
}

function hostOf(type: number, bytes: Buffer): string | undefined {
  if (type === ADDRESS_NAME) return normalizeHost(bytes.toString("latin1"));
  if (type === ADDRESS_IPV4) return normalizeHost([...bytes].join("."));
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return normalizeHost(groups.join(":"));
}
