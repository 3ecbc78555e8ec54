import type { McpManager, McpServerConfig } from "@holdfast/mcp";
import type { ThreadMcp } from "../../agent/mcp/thread-mcp.ts";
import { readThreadId } from "../../agent/threads/thread-id.ts";
import { internalError, invalidRequest } from "../faults.ts";
import type { HostServices } from "../host-services.ts";
import { SETS_ASIDE_MAX } from "./limits.ts";
import { mcpFault } from "./mcp-faults.ts";

/** Which servers a request is about. */
export interface ServerScope {
  /** Aborted when the answer can not be delivered any more. */
  readonly signal: AbortSignal;
  /** The only one, where no thread has it. Default: all. */
  readonly only?: string | undefined;
}

/** The servers that requests are about: those of a thread, or some that are started for one request and ended behind it. */
export class ServerSets {
  readonly #services: HostServices;
  #own = 0;

  constructor(services: HostServices) {
    this.#services = services;
  }

  /** @throws RpcFault - There is no such thread. */
  threadOf(threadId: string | null | undefined): ThreadMcp | undefined {
    if (threadId === null || threadId === undefined) return undefined;
    const mcp = this.#services.mcp.of(readThreadId(threadId));
    if (mcp === undefined) throw invalidRequest(`thread not found: ${threadId}`);
    return mcp;
  }

  /** Enabled or not, by name. @throws RpcFault - The configuration can not be used. */
  async configured(thread: ThreadMcp | undefined): Promise<readonly McpServerConfig[]> {
    try {
      const { servers } = await (thread ?? this.#services.mcp).configured();
      return servers.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    } catch (error) {
      throw mcpFault(error);
    }
  }

  /** Do something with servers that have started. Undefined: none is enabled. @throws RpcFault */
  async use<Result>(
    thread: ThreadMcp | undefined,
    { signal, only }: ServerScope,
    run: (manager: McpManager | undefined) => Promise<Result>,
  ): Promise<Result> {
    try {
      if (thread !== undefined) return await run(await thread.ready(signal));
      return await this.#inOwnSet(only, signal, run);
    } catch (error) {
      throw mcpFault(error);
    }
  }

  async #inOwnSet<Result>(
    only: string | undefined,
    signal: AbortSignal,
    run: (manager: McpManager | undefined) => Promise<Result>,
  ): Promise<Result> {
    if (this.#own >= SETS_ASIDE_MAX) {
      throw internalError(`MCP servers are being looked at for ${SETS_ASIDE_MAX} other requests: try again later`);
    }
    this.#own += 1;
    const { cwd, mcp } = this.#services;
    const aside = mcp.openAside({ cwd, only });
    try {
      return await run(await aside.ready(signal));
    } finally {
      // Nobody waits for their end.
      void aside[Symbol.asyncDispose]().finally(() => {
        this.#own -= 1;
      });
    }
  }
}
