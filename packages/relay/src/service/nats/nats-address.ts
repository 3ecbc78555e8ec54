/** Servers and how to sign in there, from one text of the command line. */
export interface NatsAddress {
  /** `host:port`, one for each server. */
  readonly servers: readonly string[];
  readonly isTls: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** For people: without what is secret. */
  readonly shown: string;
}

const SERVERS_MAX = 32;
const SCHEMES = new Set(["nats:", "tls:"]);

/**
 * Read `nats://[user:password@]host[:port]`, or `tls://…`, several of them with a comma between. A user without a password is a token.
 * Port 4222 where none is named. All servers are of one scheme, and those that name who signs in name the same.
 *
 * @throws Error what is wrong, without the text itself: it may hold a password.
 */
export function readNatsAddress(text: string): NatsAddress {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > SERVERS_MAX) throw new Error(`NATS servers: at most ${SERVERS_MAX}`);
  const urls = parts.map((part, index) => readUrl(part, parts.length === 1 ? "" : ` ${index + 1}`));
  const [first] = urls;
  if (first === undefined) throw new Error("NATS servers: name at least one");
  if (urls.some(({ protocol }) => protocol !== first.protocol)) {
    throw new Error("NATS servers: all of them nats:// or all of them tls://");
  }
  const signsIn = urls.filter(({ username, password }) => username !== "" || password !== "");
  const [who] = signsIn;
  if (signsIn.some(({ username, password }) => username !== who?.username || password !== who?.password)) {
    throw new Error("NATS servers: one user and password for all of them");
  }
  const servers = urls.map(({ hostname, port }) => `${hostname}:${port === "" ? "4222" : port}`);
  return {
    servers,
    isTls: first.protocol === "tls:",
    ...credentialsOf(who),
    shown: servers.map((server) => `${first.protocol}//${server}`).join(","),
  };
}

function readUrl(text: string, which: string): URL {
  const rule = `NATS server${which}: write it as nats://host:port or tls://host:port`;
  if (!URL.canParse(text)) throw new Error(rule);
  const url = new URL(text);
  if (!SCHEMES.has(url.protocol) || url.hostname === "") throw new Error(rule);
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") {
    throw new Error(`NATS server${which}: nothing may follow the port`);
  }
  return url;
}

function credentialsOf(url: URL | undefined): Pick<NatsAddress, "user" | "password" | "token"> {
  if (url === undefined) return {};
  const [user, password] = [decoded(url.username), decoded(url.password)];
  return password === "" ? { token: user } : { user, password };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error("NATS servers: the user or the password has a % that is no escape; write %25 for it");
  }
}
