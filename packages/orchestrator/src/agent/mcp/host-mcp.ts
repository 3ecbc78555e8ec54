import {
  CredentialFile,
  HttpOpener,
  McpAuth,
  type McpAuthStatus,
  type McpServerConfig,
  type McpServerLog,
  type McpServersOptions,
} from "@holdfast/mcp";
import type { Clock } from "@holdfast/rpc";
import type { ConfigScope, HostConfig } from "../../config/host-config.ts";
import type { EnvironmentRegistry } from "../../environments/environment-registry.ts";
import { RegistryPlaces } from "../../environments/registry-places.ts";
import { type ConfiguredServers, configuredServers, loginRedirect } from "./configured-servers.ts";
import { AUTH_STATUS_TIMEOUT_MS } from "./limits.ts";
import { type McpThread, ThreadMcp } from "./thread-mcp.ts";

export interface HostMcpOptions {
  readonly config: HostConfig;
  /** Where servers are placed. */
  readonly environments: EnvironmentRegistry;
  /** Folder of the credentials: a native absolute path. */
  readonly codexHome: string;
  /** The variables of this program, of which servers get those that their configuration names. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Of Holdfast, as servers are told. */
  readonly version: string;
  readonly clock: Clock;
  /** Told what servers write to stderr, and log. Default: it is dropped. */
  readonly onLog?: ((log: McpServerLog) => void) | undefined;
}

/** The MCP servers of a host: a set for each thread, and the logins that all of them use. */
export class HostMcp implements AsyncDisposable {
  readonly auth: McpAuth;
  readonly #options: HostMcpOptions;
  readonly #common: Pick<McpServersOptions, "environments" | "variables" | "http" | "clientInfo" | "onLog">;
  readonly #threads = new Map<string, ThreadMcp>();
  /** Those that are ending, and sets of no thread. */
  readonly #open = new Set<ThreadMcp>();

  constructor(options: HostMcpOptions) {
    const { config, codexHome, variables, version, clock, onLog } = options;
    const environments = new RegistryPlaces(options.environments);
    this.#options = options;
    this.auth = new McpAuth({
      environments,
      store: new CredentialFile(codexHome, { clock }),
      clock,
      redirect: () => loginRedirect(config),
      advice: ({ name }) => `Run \`holdfast mcp login ${name}\`.`,
    });
    this.#common = {
      environments,
      variables,
      http: new HttpOpener({ environments, variables, auth: this.auth }),
      clientInfo: { name: "holdfast", title: "Holdfast", version },
      onLog,
    };
  }

  /** Make the set of a thread. Nothing is started by that; disposing of it ends what it started. A set that the thread had before is not its own any more. */
  open(thread: McpThread & { readonly threadId: string }): ThreadMcp {
    const { threadId, cwd, overrides } = thread;
    const mcp = this.#set(thread, { overrides, cwd });
    this.#threads.set(threadId, mcp);
    return mcp;
  }

  /** A set of no thread, of the server of that name alone or of all, that answers no questions. None of them is required. */
  openAside({ cwd, only }: { readonly cwd: string; readonly only?: string | undefined }): ThreadMcp {
    return this.#set({ threadId: undefined, cwd }, {}, (servers) =>
      servers
        .filter(({ name }) => only === undefined || name === only)
        .map((server) => ({ ...server, required: false })),
    );
  }

  /** That of a thread. Undefined: it is not loaded. */
  of(threadId: string): ThreadMcp | undefined {
    return this.#threads.get(threadId);
  }

  /** Those that are configured, as it is now. @throws ConfigError, McpConfigError - It can not be used. */
  configured(scope: ConfigScope = {}): Promise<ConfiguredServers> {
    return configuredServers(this.#options.config, scope);
  }

  /** Have every thread read the configuration anew before its next turn. */
  reload(): void {
    for (const mcp of this.#threads.values()) mcp.reload();
  }

  /** Whether a server knows who is asking; `unknown` where that is not known in time. Never rejects. */
  async authStatus(server: McpServerConfig): Promise<McpAuthStatus> {
    const { promise, resolve } = Promise.withResolvers<McpAuthStatus>();
    const giveUp = new AbortController();
    const timer = this.#options.clock.after(AUTH_STATUS_TIMEOUT_MS, () => {
      giveUp.abort();
      resolve("unknown");
    });
    try {
      return await Promise.race([this.auth.status(server, giveUp.signal), promise]);
    } finally {
      timer.cancel();
    }
  }

  /** End the servers of every thread. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map((mcp) => mcp[Symbol.asyncDispose]()));
  }

  #set(
    thread: McpThread,
    scope: ConfigScope,
    chosen: (servers: readonly McpServerConfig[]) => readonly McpServerConfig[] = (servers) => servers,
  ): ThreadMcp {
    const mcp: ThreadMcp = new ThreadMcp(thread, {
      ...this.#common,
      clock: this.#options.clock,
      configured: async () => {
        const configured = await this.configured(scope);
        return { ...configured, servers: chosen(configured.servers) };
      },
      onEnd: () => {
        this.#open.delete(mcp);
        const { threadId } = thread;
        if (threadId !== undefined && this.#threads.get(threadId) === mcp) this.#threads.delete(threadId);
      },
    });
    this.#open.add(mcp);
    return mcp;
  }
}
