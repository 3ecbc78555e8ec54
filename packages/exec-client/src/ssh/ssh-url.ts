import { shownUrl } from "@holdfast/rpc";
import { InvalidArgumentError } from "../errors.ts";

/** Where an `ssh:` URL leads. What is left out the user's ssh configuration says. */
export interface SshDestination {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: string | undefined;
}

/** Neither can be an option of ssh, nor do anything in the shell of a ProxyCommand. */
const HOST = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;
const IPV6 = /^\[([0-9A-Fa-f:.]+)\]$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]*$/;

/** @throws InvalidArgumentError it is not `ssh://[user@]host[:port]`. */
export function sshDestination(url: URL): SshDestination {
  const refuse = (why: string): never => {
    throw new InvalidArgumentError("target", `target must be ssh://[user@]host[:port], not ${shownUrl(url)}: ${why}`);
  };
  if (url.password !== "") refuse("a password is asked for by ssh, and does not stand in a URL");
  if ((url.pathname !== "" && url.pathname !== "/") || url.search !== "" || url.hash !== "") {
    refuse("nothing may follow the host and port");
  }
  const host = IPV6.exec(url.hostname)?.[1] ?? decoded(url.hostname);
  if (IPV6.exec(url.hostname) === null && !HOST.test(host)) refuse("that is no name of a host");
  const user = decoded(url.username);
  if (user !== "" && !USER.test(user)) refuse("that is no name of a user; name it in the configuration of ssh");
  return { host, user: user === "" ? undefined : user, port: url.port === "" ? undefined : url.port };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
