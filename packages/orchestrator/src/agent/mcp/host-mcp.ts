import type { McpAuth, McpAuthStatus, McpServerConfig } from "@holdfast/mcp";
import type { ConfigScope } from "../../config/host-config.ts";
import { type ConfiguredServers, configuredServers } from "./configured-servers.ts";
import { AUTH_STATUS_TIMEOUT_MS, LOOK_GRACE_MS } from "./limits.ts";
import { type HostMcpOptions, loadMcpMeans, type McpMeans } from "./mcp-means.ts";
import { type McpThread, ThreadMcp } from "./thread-mcp.ts";

/** The MCP servers of a host: a set for each thread, and the logins that all of them use. */
export class HostMcp implements AsyncDisposable {
  readonly #options: HostMcpOptions;
  #means: Promise<McpMeans> | undefined;
  readonly #threads = new Map<string, ThreadMcp>();
  /** Those that are not ended, of threads and of none. */
  readonly #open = new Set<ThreadMcp>();

  constructor(options: HostMcpOptions) {
    this.#options = options;
  }

  /** Make the set of a thread. Nothing is started by that; disposing of it ends what it started. A set that the thread had before is not its own any more. */
  open(thread: McpThread & { readonly threadId: string }): ThreadMcp {
    const { threadId, cwd, overrides } = thread;
    const mcp = this.#set(thread, () => this.configured({ overrides, cwd }));
    this.#threads.set(threadId, mcp);
    return mcp;
  }

  /** A set of no thread, of the server of that name alone or of all, that answers no questions. None of them is required. */
  openAside({ cwd, only }: { readonly cwd: string; readonly only?: string | undefined }): ThreadMcp {
    return this.#set({ threadId: undefined, cwd }, async () => {
      const { servers } = await this.configured();
      const chosen = servers.filter(({ name }) => only === undefined || name === only);
      return { servers: chosen.map((server) => ({ ...server, required: false })), startupGraceMs: LOOK_GRACE_MS };
    });
  }

  /** That of a thread. Undefined: it is not loaded. */
  of(threadId: string): ThreadMcp | undefined {
    return this.#threads.get(threadId);
  }

  /** Logins to servers. */
  async auth(): Promise<McpAuth> {
    return (await this.#loaded()).auth;
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
    const auth = await this.auth();
    const { promise, resolve } = Promise.withResolvers<McpAuthStatus>();
    const giveUp = new AbortController();
    const timer = this.#options.clock.after(AUTH_STATUS_TIMEOUT_MS, () => {
      giveUp.abort();
      resolve("unknown");
    });
    try {
      return await Promise.race([auth.status(server, giveUp.signal), promise]);
    } finally {
      timer.cancel();
    }
  }

  /** End the servers of every thread. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map((mcp) => mcp[Symbol.asyncDispose]()));
  }

  #loaded(): Promise<McpMeans> {
    this.#means ??= loadMcpMeans(this.#options);
    return this.#means;
  }

  #set(thread: McpThread, configured: () => Promise<ConfiguredServers>): ThreadMcp {
    const mcp: ThreadMcp = new ThreadMcp(thread, {
      clock: this.#options.clock,
      means: () => this.#loaded(),
      configured,
      onEnd: () => {
        const { threadId } = thread;
        if (threadId !== undefined && this.#threads.get(threadId) === mcp) this.#threads.delete(threadId);
      },
      onEnded: () => this.#open.delete(mcp),
    });
    this.#open.add(mcp);
    return mcp;
  }
}
