import { AFFINITY_COOKIE_MAX_BYTES, AFFINITY_COOKIES_MAX } from "./limits.ts";

/** Cookies by which Cloudflare keeps a client on one server or knows it again. None of them is a login. */
const NAMES: ReadonlySet<string> = new Set(["__cflb", "__cf_bm", "__cfruid", "__cfseq", "__cfwaitingroom", "_cfuvid"]);
/** These and what is below them. */
const HOSTS = ["chatgpt.com", "chat.openai.com"];

interface AffinityCookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  /** Also sent to what is below `host`. */
  readonly forSubdomains: boolean;
  readonly path: string;
  /** Milliseconds since the epoch; a session's cookie has none. */
  readonly expiresAtMs: number | undefined;
}

/** `parseCookie` of undici: the parts of one `Set-Cookie`. */
export type CookieParser = (text: string) => {
  readonly name: string;
  readonly value: string;
  readonly expires?: Date | number;
  readonly maxAge?: number;
  readonly domain?: string;
  readonly path?: string;
} | null;

/**
 * The few cookies that keep requests of one executor on one server. Names and hosts are allow-listed, HTTPS only; nothing
 * else is ever stored or sent.
 */
export class AffinityCookies {
  readonly #parse: CookieParser;
  readonly #now: () => number;
  readonly #cookies = new Map<string, AffinityCookie>();

  constructor(parse: CookieParser, now: () => number) {
    this.#parse = parse;
    this.#now = now;
  }

  /** Take from the `Set-Cookie` lines of an answer what may be kept. */
  store(url: URL, lines: readonly string[]): void {
    if (!isAffinityTarget(url)) return;
    for (const line of lines) {
      if (line.length <= 2 * AFFINITY_COOKIE_MAX_BYTES) this.#storeOne(url, line);
    }
  }

  /** The `Cookie` value for a request, if there is one. */
  headerFor(url: URL): string | undefined {
    if (!isAffinityTarget(url)) return undefined;
    const now = this.#now();
    for (const [key, { expiresAtMs = Number.POSITIVE_INFINITY }] of this.#cookies) {
      if (expiresAtMs <= now) this.#cookies.delete(key);
    }
    const fitting = [...this.#cookies.values()].filter((cookie) => fits(cookie, url));
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  #storeOne(url: URL, line: string): void {
    const cookie = this.#parse(line);
    if (cookie === null || !NAMES.has(cookie.name)) return;
    if (cookie.name.length + cookie.value.length > AFFINITY_COOKIE_MAX_BYTES) return;
    const domain = cookie.domain?.replace(/^\./, "").toLowerCase();
    // A cookie for a place that the answer did not come from, or that is wider than the allowed hosts.
    if (domain !== undefined && !(isWithin(url.hostname, domain) && isAffinityHost(domain))) return;
    const path = cookie.path?.startsWith("/") ? cookie.path : "/";
    const host = domain ?? url.hostname;
    const key = JSON.stringify([host, path, cookie.name]);
    this.#cookies.delete(key);
    const expiresAtMs = this.#expiry(cookie.maxAge, cookie.expires);
    if (expiresAtMs !== undefined && expiresAtMs <= this.#now()) return;
    const { name, value } = cookie;
    this.#cookies.set(key, { name, value, host, forSubdomains: domain !== undefined, path, expiresAtMs });
    const [oldest] = this.#cookies.keys();
    if (this.#cookies.size > AFFINITY_COOKIES_MAX && oldest !== undefined) this.#cookies.delete(oldest);
  }

  #expiry(maxAgeSeconds: number | undefined, expires: Date | number | undefined): number | undefined {
    if (maxAgeSeconds !== undefined) return this.#now() + maxAgeSeconds * 1_000;
    return expires === undefined ? undefined : Number(expires);
  }
}

function isAffinityTarget(url: URL): boolean {
  return url.protocol === "https:" && isAffinityHost(url.hostname);
}

function isAffinityHost(host: string): boolean {
  return HOSTS.some((allowed) => isWithin(host, allowed));
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function fits({ host, forSubdomains, path }: AffinityCookie, url: URL): boolean {
  if (!(url.hostname === host || (forSubdomains && isWithin(url.hostname, host)))) return false;
  return url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
}
