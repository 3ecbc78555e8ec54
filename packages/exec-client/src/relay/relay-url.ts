import { isLoopbackHost, shownUrl } from "@holdfast/rpc";
import { InvalidArgumentError } from "../errors.ts";

/** Where a `relay+http:` or `relay+https:` URL leads. */
export interface RelayAddress {
  /** Of the registry, `http:` or `https:`, without a slash at its end. */
  readonly registryUrl: string;
  /** As the registry knows it, not escaped. */
  readonly environmentId: string;
  /** The whole address for people. */
  readonly shown: string;
  /** Whether what is sent to the registry can be read on a network. */
  readonly isInClear: boolean;
}

const PREFIX = "relay+";
const FORM = "relay+https://host[:port][/prefix]/ID";

/** Whether a URL leads through a relay. */
export function isRelayUrl({ protocol }: Pick<URL, "protocol">): boolean {
  return protocol === "relay+http:" || protocol === "relay+https:";
}

/** @throws InvalidArgumentError it is not `relay+http(s)://host[:port][/prefix]/ID`. */
export function relayAddress(url: string | URL): RelayAddress {
  const shown = shownUrl(url);
  const refuse = (why: string): never => {
    throw new InvalidArgumentError("target", `target must be ${FORM}, not ${shown}: ${why}`);
  };
  // By the rules for the scheme that is spoken: those for an unknown one leave a host as it is written.
  const parsed = URL.parse(String(url).slice(PREFIX.length));
  if (parsed === null || !/^https?:$/u.test(parsed.protocol)) return refuse("that is no URL");
  const { protocol, host, hostname, pathname } = parsed;
  if (parsed.username !== "" || parsed.password !== "") refuse("a token does not stand in a URL");
  if (parsed.search !== "" || parsed.hash !== "") refuse("nothing may follow the id");
  const lastSlash = pathname.lastIndexOf("/");
  const environmentId = decoded(pathname.slice(lastSlash + 1))?.trim() ?? refuse("its id is not escaped as in a URL");
  if (environmentId === "") refuse("the id of the environment is missing at its end");
  const prefix = pathname.slice(0, lastSlash).replace(/\/+$/u, "");
  return {
    registryUrl: `${protocol}//${host}${prefix}`,
    environmentId,
    shown,
    isInClear: protocol === "http:" && !isLoopbackHost(hostname),
  };
}

/** What is wrong with an address that is in clear. */
export function inClear({ shown }: RelayAddress): string {
  const why = "the token would cross the network in clear";
  return `target must not be ${shown}: ${why}; use relay+https:, or set allowPlaintextRelay`;
}

/** The URL of an environment of a relay. @throws InvalidArgumentError */
export function relayUrl(registryUrl: string, environmentId: string): string {
  const base = registryUrl.trim().replace(/\/+$/u, "");
  const url = `${PREFIX}${base}/${encodeURIComponent(environmentId.trim())}`;
  relayAddress(url);
  return url;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
