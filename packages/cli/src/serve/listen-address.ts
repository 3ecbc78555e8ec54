import { isSocketUrl, socketPathOf } from "@holdfast/rpc/websocket";
import type { Context } from "../command-line/context.ts";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import { defaultSocket } from "../executor/default-socket.ts";
import { passedSocket } from "./manager/passed-socket.ts";

/** Where to serve. */
export type ListenAddress =
  | { readonly kind: "stdio" }
  | (Passed & { readonly kind: "unix"; readonly path: string })
  | (Passed & {
      readonly kind: "websocket";
      readonly host: string;
      readonly port: number;
      readonly isLoopback: boolean;
      /** It was named with `wss:`. With a certificate, TLS is spoken in any case. */
      readonly isSecure: boolean;
    });

/** A socket that listens there already, made by whoever started this program. */
interface Passed {
  readonly descriptor?: number;
}

const EXPECTED =
  "expected ws://HOST:PORT or wss://HOST:PORT, with an IP address or localhost as HOST, unix://, unix:///PATH, fd:// or stdio";
const UNIX = "unix://";
const PASSED = "fd://";
const STDIO = ["stdio", "stdio://"];
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const LOOPBACK = [/^127\./, /^::1$/, /^::ffff:7f[0-9a-f]{2}:/, /^localhost$/];

/**
 * Read `--listen`.
 *
 * @param place - Its `env` says where the socket is of `unix://` without a path, and what was passed for `fd://`.
 * @throws UsageError it is none of the accepted forms.
 */
export function parseListenAddress(text: string, { env }: Pick<Context, "env">): ListenAddress {
  if (STDIO.includes(text)) return { kind: "stdio" };
  if (text === PASSED) return passedAddress(env);
  if (text === UNIX) return { kind: "unix", path: defaultSocket(env) };
  if (isSocketUrl(text)) return { kind: "unix", path: socketPath(text) };
  const url = URL.parse(text);
  if (url === null || !text.includes("://")) throw new UsageError(`invalid --listen '${text}': ${EXPECTED}`);
  if (url.protocol !== "ws:" && url.protocol !== "wss:")
    throw new UsageError(`unsupported --listen '${text}': ${EXPECTED}`);
  if (!hasNothingElse(url) || !/:\d+\/?$/.test(text)) throw new UsageError(`invalid --listen '${text}': ${EXPECTED}`);
  const host = bareHost(url.hostname);
  if (host === undefined) {
    throw new UsageError(`invalid --listen '${text}': '${url.hostname}' is a host name; ${EXPECTED}`);
  }
  const isSecure = url.protocol === "wss:";
  // The URL parser drops the port that is the scheme's own.
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  return { kind: "websocket", host, port, isLoopback: isLoopback(host), isSecure };
}

/** @throws UsageError none was passed that can be served on. */
function passedAddress(env: Context["env"]): ListenAddress {
  const socket = passedSocket(env);
  const { descriptor } = socket;
  if (socket.kind === "unix") return { kind: "unix", path: socket.path, descriptor };
  const { address: host, port } = socket;
  return { kind: "websocket", host, port, isLoopback: isLoopback(host), isSecure: false, descriptor };
}

function isLoopback(host: string): boolean {
  return LOOPBACK.some((pattern) => pattern.test(host));
}

function socketPath(text: string): string {
  try {
    return socketPathOf(text);
  } catch (error) {
    throw new UsageError(`invalid --listen '${text}': ${reasonOf(error)}`, { cause: error });
  }
}

function hasNothingElse(url: URL): boolean {
  return `${url.username}${url.password}${url.search}${url.hash}` === "" && url.pathname === "/";
}

/** The host without brackets; undefined for a name. The URL parser has already refused addresses that are none. */
function bareHost(hostname: string): string | undefined {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  return hostname === "localhost" || IPV4.test(hostname) ? hostname : undefined;
}
