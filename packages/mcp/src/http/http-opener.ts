import type { Executor } from "@holdfast/exec-client";
import { type Clock, systemClock } from "@holdfast/rpc";
import { type HttpServerConfig, LOCAL_ENVIRONMENT, type McpServerConfig } from "../config/server-config.ts";
import type { Variables } from "../config/server-variables.ts";
import type { McpEnvironments } from "../environments.ts";
import type { OpenedTransport, OpenOptions, TransportOpener } from "../manager/open-transport.ts";
import { McpAuth } from "../oauth/mcp-auth.ts";
import { boundedResponse } from "./bounded-body.ts";
import type { FetchLike } from "./fetch-like.ts";
import { HeadersHelperError, HelperHeaders } from "./headers-helper.ts";
import { serverHeaders } from "./http-headers.ts";
import { HttpTransport } from "./http-transport.ts";
import { HTTP_MESSAGE_MAX_BYTES } from "./limits.ts";
import { placedFetch } from "./placed-fetch.ts";
import { serverExecutor } from "./server-executor.ts";
import { serverUrl } from "./server-url.ts";
import { withAuthorization } from "./with-authorization.ts";
import { withHelperHeaders } from "./with-helper-headers.ts";

/** What stands for the place of requests that go out from here. */
const HERE = {};

export interface HttpOpenerOptions {
  readonly environments: McpEnvironments;
  /** The orchestrator's, for headers and bearer tokens. */
  readonly variables: Variables;
  /** Default: servers that want a login can not be used. */
  readonly auth?: McpAuth | undefined;
  readonly clock?: Clock | undefined;
}

/** Opens ways to servers that are reached by Streamable HTTP, from where they are placed. */
export class HttpOpener implements TransportOpener {
  readonly #options: HttpOpenerOptions;
  readonly #clock: Clock;
  readonly #auth: McpAuth;

  constructor(options: HttpOpenerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#auth = options.auth ?? new McpAuth({ environments: options.environments, store: undefined });
  }

  open(config: McpServerConfig, { signal, onLog }: OpenOptions): OpenedTransport {
    const executor = serverExecutor(config, this.#options.environments, signal);
    let place: object | undefined;
    let transport: HttpTransport | undefined;
    const placed = executor.then((found) => {
      place = found ?? HERE;
    });
    placed.catch(() => {});
    const onWarning = (text: string): void => onLog({ source: "message", level: "warning", text });
    return {
      placed,
      get place() {
        return place;
      },
      transport: async () => {
        transport = await this.#transport(config, await executor, onWarning);
        return transport;
      },
      // A connection by HTTP has no end of its own to tell of.
      closeReason: () => undefined,
      end: async () => await transport?.close(),
    };
  }

  async #transport(
    config: McpServerConfig,
    executor: Executor | undefined,
    onWarning: (text: string) => void,
  ): Promise<HttpTransport> {
    const http = httpOf(config);
    const url = serverUrl(http.url);
    const { headers, hasCredentials } = serverHeaders(config.name, http, this.#options.variables, onWarning);
    const placed = placedFetch(executor);
    const helped = await this.#helped(http, placed);
    const isKnown = hasCredentials || http.httpHeadersHelper !== undefined;
    const authorized = isKnown ? helped : withAuthorization(helped, this.#auth.authOf(config, placed));
    const limit = { maxBytes: HTTP_MESSAGE_MAX_BYTES, what: `a message of MCP server ${config.name}` };
    const fetch: FetchLike = async (target, init) => boundedResponse(await authorized(target, init), limit);
    return new HttpTransport(url, { fetch, headers, clock: this.#clock });
  }

  async #helped({ httpHeadersHelper: command }: HttpServerConfig, fetchFn: FetchLike): Promise<FetchLike> {
    if (command === undefined) return fetchFn;
    const { environments } = this.#options;
    if (!environments.has(LOCAL_ENVIRONMENT)) throw new HeadersHelperError("can only run in the local environment");
    const executor = await environments.executor(LOCAL_ENVIRONMENT);
    return withHelperHeaders(fetchFn, new HelperHeaders(command, executor));
  }
}

function httpOf({ name, transport }: McpServerConfig): HttpServerConfig {
  if (transport.kind === "http") return transport;
  throw new TypeError(`MCP server ${JSON.stringify(name)} is not reached by HTTP`);
}
