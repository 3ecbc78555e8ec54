import { join, resolve } from "node:path";
import { checkSocketPath } from "@holdfast/rpc/unix-socket";
import type { Context } from "../command-line/context.ts";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import { codexHome } from "../env/codex-home.ts";
import type { ListenAddress } from "../serve/listen-address.ts";

/** Where to listen; `off`: nowhere. */
export type HostAddress = ListenAddress | { readonly kind: "off" };

const STDIO = ["stdio://", "stdio"];
const UNIX = "unix://";
const WEBSOCKET = "ws://";
const PORT_MAX = 65_535;
const BYTE_MAX = 255;
const ADDRESS = /^(?:\[([\da-f:.]+)\]|([\d.]+)):(\d{1,5})$/i;
const LOOPBACK = [/^127\./, /^::1$/, /^::ffff:127\./i];

/** Where `unix://` leads, below the home of Codex: clients of Codex look there, too. */
const SOCKET = ["app-server-control", "app-server-control.sock"];

/**
 * Read `--listen` as Codex does.
 *
 * @param place - Says where the socket of `unix://` is, and what a relative path is relative to.
 * @throws UsageError - It is none of the forms.
 */
export function parseHostAddress(text: string, place: Pick<Context, "env" | "cwd">): HostAddress {
  if (STDIO.includes(text)) return { kind: "stdio" };
  if (text === "off") return { kind: "off" };
  if (text === UNIX) return unixAddress(text, join(codexHome(place), ...SOCKET));
  if (text.startsWith(UNIX)) return unixAddress(text, resolve(place.cwd, text.slice(UNIX.length)));
  if (text.startsWith(WEBSOCKET)) return webSocketAddress(text);
  throw new UsageError(
    `unsupported --listen URL \`${text}\`; expected \`stdio://\`, \`unix://\`, \`unix://PATH\`, \`ws://IP:PORT\`, or \`off\``,
  );
}

function unixAddress(text: string, path: string): HostAddress {
  try {
    checkSocketPath(path);
  } catch (error) {
    throw new UsageError(`invalid unix socket --listen URL \`${text}\`: ${reasonOf(error)}`, { cause: error });
  }
  return { kind: "unix", path };
}

/** @throws UsageError - The host is a name, or there is no port, or something behind it. */
function webSocketAddress(text: string): HostAddress {
  const [, bracketed, plain, digits] = ADDRESS.exec(text.slice(WEBSOCKET.length)) ?? [];
  const host = bracketed ?? plain ?? "";
  const isAddress = bracketed === undefined ? isIpv4(host) : URL.canParse(text);
  if (!isAddress || Number(digits) > PORT_MAX) {
    throw new UsageError(`invalid websocket --listen URL \`${text}\`; expected \`ws://IP:PORT\``);
  }
  const isLoopback = LOOPBACK.some((pattern) => pattern.test(host));
  return { kind: "websocket", host, port: Number(digits), isLoopback, isSecure: false };
}

function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => part !== "" && Number(part) <= BYTE_MAX);
}
