import type { Readable } from "node:stream";
import { HTTP_REDIRECTS_MAX } from "@holdfast/exec-server-protocol";
import { shownUrl } from "@holdfast/rpc";
import { AffinityCookies } from "./affinity-cookies.ts";
import { asSent } from "./answer-head.ts";
import { HttpFault, reasonOf } from "./http-fault.ts";
import { lenientPools } from "./lenient-connections.ts";
import { HTTP_CONNECT_TIMEOUT_MS, HTTP_CONNECTIONS_PER_ORIGIN, HTTP_RESPONSE_HEADERS_MAX_BYTES } from "./limits.ts";
import { byName, outgoingHeaders } from "./outgoing-headers.ts";
import { proxySettings } from "./proxy-settings.ts";
import { redirected } from "./redirect.ts";
import type { HeaderLine, HttpRequestSpec } from "./request-spec.ts";
import { loadUndici, type Undici } from "./undici-module.ts";

/** An answer whose body has yet to be read. */
export interface HttpAnswer {
  readonly status: number;
  /** In order, repeats kept, names in lower case. */
  readonly headers: readonly HeaderLine[];
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

interface Engine {
  readonly request: Undici["request"];
  readonly agent: InstanceType<Undici["Agent"]> | InstanceType<Undici["EnvHttpProxyAgent"]>;
  readonly isProxied: boolean;
  readonly cookies: AffinityCookies;
}

const SPACE_AT_THE_END = /[ \t]+$/;

/** Sends requests of all connections of an executor, over connections that it keeps for a while. */
export class HttpClient {
  readonly #env: Readonly<Record<string, string>>;
  readonly #load: () => Promise<Undici>;
  #engine: Promise<Engine> | undefined;

  /** @param env - Names the proxies. */
  constructor(env: Readonly<Record<string, string>>, load = loadUndici) {
    this.#env = env;
    this.#load = load;
  }

  /**
   * Send a request and follow its redirects.
   *
   * @throws HttpFault `failed`: there is no answer.
   */
  async send(request: HttpRequestSpec, signal: AbortSignal): Promise<HttpAnswer> {
    const engine = await this.#started();
    let current = request;
    for (let hops = 0; ; hops += 1) {
      const answer = await exchange(engine, current, signal);
      const next = request.redirects === "stop" ? undefined : nextHop(current, answer);
      if (next === undefined) return answer;
      answer.body.destroy();
      if (hops === HTTP_REDIRECTS_MAX) throw new HttpFault("failed", "http/request failed: too many redirects");
      current = next;
    }
  }

  /** Close every connection. Requests that are under way fail. */
  async close(): Promise<void> {
    const engine = await this.#engine?.catch(() => undefined);
    this.#engine = undefined;
    await engine?.agent.destroy();
  }

  /** Loaded at the first request: most executors never make one, and it costs their start and memory. */
  #started(): Promise<Engine> {
    this.#engine ??= this.#start().catch((error: unknown) => {
      // The next request tries again: what was short, such as open files, may be there by then.
      this.#engine = undefined;
      throw new HttpFault("failed", `http/request failed: the HTTP client could not be loaded: ${reasonOf(error)}`);
    });
    return this.#engine;
  }

  #start(): Promise<Engine> {
    return this.#load().then((undici) => {
      const { Agent, EnvHttpProxyAgent, parseCookie, request } = undici;
      const options = {
        factory: lenientPools(undici),
        connections: HTTP_CONNECTIONS_PER_ORIGIN,
        connect: { timeout: HTTP_CONNECT_TIMEOUT_MS },
        maxHeaderSize: HTTP_RESPONSE_HEADERS_MAX_BYTES,
        // The request's own bound holds, and none where it has none: a stream may be silent for hours.
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      const proxies = proxySettings(this.#env);
      const agent =
        proxies === undefined ? new Agent(options) : new EnvHttpProxyAgent({ ...options, ...given(proxies) });
      return { request, agent, isProxied: proxies !== undefined, cookies: new AffinityCookies(parseCookie, Date.now) };
    });
  }
}

/** Without the absent members: the library would look for them in the environment of this process. */
function given({ httpProxy, httpsProxy, noProxy }: NonNullable<ReturnType<typeof proxySettings>>) {
  return { httpProxy: httpProxy ?? "", httpsProxy: httpsProxy ?? "", noProxy };
}

/** @throws HttpFault it leads out of the web. */
function nextHop(request: HttpRequestSpec, { status, headers, body }: HttpAnswer): HttpRequestSpec | undefined {
  try {
    return redirected(request, status, headers.find(([name]) => name === "location")?.[1]);
  } catch (fault) {
    body.destroy();
    throw fault;
  }
}

async function exchange(engine: Engine, request: HttpRequestSpec, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method, body } = request;
  const lines = outgoingHeaders(request, engine.cookies.headerFor(url));
  try {
    const {
      statusCode,
      headers,
      body: answerBody,
    } = await engine.request(url, {
      method,
      body: body ?? null,
      headers: engine.isProxied ? byName(lines) : lines.flat(),
      responseHeaders: "raw",
      dispatcher: engine.agent,
      signal,
    });
    const answered = headerLines(headers);
    engine.cookies.store(
      url,
      answered.filter(([name]) => name === "set-cookie").map(([, value]) => value),
    );
    // Until it is read: an unhandled error of a body must not end the process.
    answerBody.on("error", () => {});
    return { status: statusCode, headers: answered, body: answerBody };
  } catch (thrown) {
    if (thrown instanceof HttpFault) throw thrown;
    const message = `http/request failed: error sending request for url (${shownUrl(url)}): ${reasonOf(thrown)}`;
    throw new HttpFault("failed", message, { cause: thrown });
  }
}

/** From names and values in turn. What is not visible text can not be told on the wire. */
function headerLines(raw: unknown): readonly HeaderLine[] {
  const flat = Array.isArray(raw) ? raw.map(String) : [];
  const lines = flat.flatMap((name, index): readonly HeaderLine[] =>
    index % 2 === 0 ? [[name.toLowerCase(), flat[index + 1]?.replace(SPACE_AT_THE_END, "") ?? ""]] : [],
  );
  return asSent(lines).filter(([, value]) => /^[\t\x20-\x7e]*$/.test(value));
}
