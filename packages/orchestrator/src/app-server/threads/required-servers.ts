import { isMcpError } from "@holdfast/mcp/config";
import type { Thread } from "../../agent/threads/thread.ts";
import type { ThreadStore } from "../../agent/threads/thread-store.ts";
import { internalError } from "../faults.ts";
import type { HostServices } from "../host-services.ts";

/**
 * Wait for the MCP servers that a thread is of no use without. Without any, nothing is waited for.
 *
 * @throws RpcFault - One of them did not start. The thread is not loaded any more.
 */
export async function requiredServers(
  { mcp, log }: Pick<HostServices, "mcp" | "log">,
  store: ThreadStore,
  thread: Thread,
): Promise<void> {
  const own = mcp.of(thread.id);
  if (own === undefined) return;
  try {
    const { servers } = await own.configured();
    if (!servers.some(({ enabled, required }) => enabled && required)) return;
    await own.ready();
  } catch (error) {
    if (!isMcpError(error) || error.code !== "required-failed") {
      // A configuration that can not be used is told by the first turn.
      log.warn(`MCP servers of ${thread.id}: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    await store.unload(thread.id);
    throw internalError(`error creating thread: Fatal error: Failed to initialize session: ${error.message}`, error);
  }
}
