import { isLoopbackHost } from "@holdfast/rpc";

/** The base of a registry, and the environment in it. */
export interface RegistryAddress {
  /** Without a slash at its end; a path prefix stays. */
  readonly baseUrl: string;
  readonly environmentId: string;
  /** Nothing of it leaves this machine. */
  readonly isLoopback: boolean;
}

/** Every other character would have to be escaped in a path, or is none of a name. */
const UNUSABLE_ID = /[\p{C}/\\?#]/u;

/**
 * @param registryUrl - `https:`, or `http:` on this machine: a token would be read on the way otherwise, unless `allowsPlaintext` says that it may.
 * @throws Error saying what is wrong with one of them.
 */
export function registryAddress(
  registryUrl: string,
  environmentId: string,
  { allowsPlaintext = false }: { readonly allowsPlaintext?: boolean | undefined } = {},
): RegistryAddress {
  const url = URL.parse(registryUrl.trim());
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new Error("expected https://HOST[:PORT][/PREFIX], or http:// on this machine");
  }
  if (`${url.username}${url.password}${url.search}${url.hash}` !== "") {
    throw new Error("it must have no user, password, query or fragment");
  }
  const isLoopback = isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" && !isLoopback && !allowsPlaintext) {
    throw new Error("remote transport requires https for non-loopback endpoints");
  }
  const baseUrl = `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, "");
  return { baseUrl, environmentId: checkedEnvironmentId(environmentId), isLoopback };
}

function checkedEnvironmentId(text: string): string {
  const id = text.trim();
  if (id === "") throw new Error("the environment id must not be empty");
  if (UNUSABLE_ID.test(id) || id === "." || id === "..") {
    throw new Error("the environment id can't be part of a path: choose letters, digits, - and _");
  }
  return id;
}

/** Where clients find the executor: `relay+https://host[:port][/prefix]/ID`. */
export function relayUrl({ baseUrl, environmentId }: RegistryAddress): string {
  return `relay+${baseUrl}/${encodeURIComponent(environmentId)}`;
}
