import type { McpServerStatus, Resource, ResourceTemplate, Tool } from "@holdfast/app-server-protocol";
import type { McpManager, McpServerConfig, McpServerView } from "@holdfast/mcp";
import type { HostMcp } from "../../agent/mcp/host-mcp.ts";
import { startupReason } from "./mcp-faults.ts";

/** What is asked of a server for its status. */
export interface StatusScope {
  /** Undefined: none is enabled. */
  readonly manager: McpManager | undefined;
  /** Whether its resources are listed as well. */
  readonly isFull: boolean;
  /** Whether it is one of a thread, of which it is told how it is. */
  readonly isOfThread: boolean;
  readonly signal: AbortSignal;
}

/** One server, as clients are told of it. Never rejects: what can not be had is left out. */
export async function serverStatus(
  server: McpServerConfig,
  mcp: HostMcp,
  scope: StatusScope,
): Promise<McpServerStatus> {
  const { name, transport } = server;
  const { manager, signal } = scope;
  const view = manager?.servers().find((each) => each.name === name);
  const [authStatus, resources, resourceTemplates] = await Promise.all([
    mcp.authStatus(server),
    listed(view, scope, () => manager?.listResources(name, { signal })),
    listed(view, scope, () => manager?.listResourceTemplates(name, { signal })),
  ]);
  return {
    name,
    // That of a registration; where a server runs is its own affair.
    environmentId: null,
    runtimeStatus: scope.isOfThread ? runtimeStatus(view) : null,
    pluginId: null,
    httpOrigin: transport.kind === "http" ? (URL.parse(transport.url)?.origin ?? null) : null,
    serverInfo: view?.info === undefined ? null : infoOf(view.info),
    serverCapabilities: view?.capabilities ?? null,
    toolListMeta: null,
    tools: Object.fromEntries((view?.tools ?? []).map((tool) => [tool.name, tool as Tool])),
    toolsError: view?.error === undefined ? null : startupReason(view.error),
    resources: resources as Resource[],
    resourceTemplates: resourceTemplates as ResourceTemplate[],
    authStatus,
  };
}

function infoOf(info: NonNullable<McpServerView["info"]>): NonNullable<McpServerStatus["serverInfo"]> {
  const { name, version, title = null, websiteUrl = null, icons = null, description = null } = info;
  return { name, title, version, description, icons, websiteUrl };
}

function runtimeStatus(view: McpServerView | undefined): NonNullable<McpServerStatus["runtimeStatus"]> {
  if (view === undefined) return "disabled";
  if (view.needsLogin) return "authenticationRequired";
  return view.state === "ready" ? "connected" : view.state;
}

async function listed<Item>(
  view: McpServerView | undefined,
  { isFull }: StatusScope,
  list: () => Promise<readonly Item[]> | undefined,
): Promise<readonly Item[]> {
  if (!isFull || view?.state !== "ready" || view.capabilities?.resources === undefined) return [];
  try {
    return (await list()) ?? [];
  } catch {
    return [];
  }
}
