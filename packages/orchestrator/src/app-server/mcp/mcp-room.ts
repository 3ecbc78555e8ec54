import type {
  ListMcpServerStatusParams,
  ListMcpServerStatusResponse,
  McpResourceReadParams,
  McpResourceReadResponse,
  McpServerOauthLoginParams,
  McpServerOauthLoginResponse,
  McpServerToolCallParams,
  McpServerToolCallResponse,
} from "@holdfast/app-server-protocol";
import type { RpcFault } from "@holdfast/rpc";
import { internalError, invalidRequest } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { pageOf } from "../page.ts";
import type { Room } from "../room.ts";
import { GIVEN_MAX_CHARACTERS } from "./limits.ts";
import { Logins } from "./logins.ts";
import { ServerSets } from "./server-sets.ts";
import { serverStatus } from "./server-status.ts";

/** MCP servers: how they are, what they do, and who is signed in to them. */
export function mcpRoom(services: HostServices): Room {
  const logins = new Logins(services);
  const sets = new ServerSets(services);
  return {
    handlers: {
      "mcpServerStatus/list": (params, { signal }) => list(services, sets, params, signal),
      "mcpServer/tool/call": (params, { signal }) => callTool(sets, params, signal),
      "mcpServer/resource/read": (params, { signal }) => readResource(sets, params, signal),
      "mcpServer/oauth/login": (params, { client }) => logIn(sets, logins, params, client),
    },
    async close() {
      logins.end();
    },
  };
}

async function list(
  { mcp }: HostServices,
  sets: ServerSets,
  params: ListMcpServerStatusParams,
  signal: AbortSignal,
): Promise<ListMcpServerStatusResponse> {
  const { serverName, threadId, environmentId, detail } = params;
  const only = serverName ?? undefined;
  if (isScoped(environmentId) && (only === undefined || typeof threadId !== "string")) {
    throw invalidRequest("environmentId requires serverName and threadId");
  }
  const thread = sets.threadOf(threadId);
  if (only !== undefined) checkScope(only, environmentId);
  const all = (await sets.configured(thread)).filter(({ name }) => only === undefined || name === only);
  const { data, nextCursor } = pageOf(all, params, "MCP servers");
  if (data.length === 0) return { data: [], nextCursor };
  const one = data.length === 1 ? data[0]?.name : undefined;
  const isFull = detail !== "toolsAndAuthOnly";
  return await sets.use(thread, { signal, only: one }, async (manager) => {
    const scope = { manager, isFull, isOfThread: thread !== undefined, signal };
    return { data: await Promise.all(data.map((server) => serverStatus(server, mcp, scope))), nextCursor };
  });
}

async function callTool(
  sets: ServerSets,
  { threadId, server, tool, arguments: args, _meta, environmentId }: McpServerToolCallParams,
  signal: AbortSignal,
): Promise<McpServerToolCallResponse> {
  const thread = sets.threadOf(threadId);
  checkScope(server, environmentId);
  return await sets.use(thread, { signal }, async (manager) => {
    const given = args ?? undefined;
    if (manager === undefined) throw unknownServer(server);
    // Said only of a server that there is.
    manager.server(server);
    if (given !== undefined && !isRecord(given)) {
      const shown = JSON.stringify(given).slice(0, GIVEN_MAX_CHARACTERS);
      const reason = `MCP tool arguments must be a JSON object, got ${shown}`;
      throw internalError(`tool call failed for \`${server}/${tool}\`: ${reason}`);
    }
    const result = await manager.callTool(server, tool, given, { signal, meta: isRecord(_meta) ? _meta : undefined });
    // As the server gave it, with whatever it had besides.
    return result as McpServerToolCallResponse;
  });
}

async function readResource(
  sets: ServerSets,
  { threadId, server, uri, environmentId }: McpResourceReadParams,
  signal: AbortSignal,
): Promise<McpResourceReadResponse> {
  const thread = sets.threadOf(threadId);
  checkScope(server, environmentId);
  return await sets.use(thread, { signal, only: server }, async (manager) => {
    if (manager === undefined) throw unknownServer(server);
    const { contents } = await manager.readResource(server, uri, { signal });
    return { contents: contents as McpResourceReadResponse["contents"], originCallId: null };
  });
}

async function logIn(
  sets: ServerSets,
  logins: Logins,
  params: McpServerOauthLoginParams,
  client: HostClient,
): Promise<McpServerOauthLoginResponse> {
  const { name, environmentId, threadId } = params;
  const servers = await sets.configured(sets.threadOf(threadId));
  const server = isScoped(environmentId) ? undefined : servers.find((each) => each.name === name);
  if (server === undefined) throw invalidRequest(`No MCP server named '${scopedName(name, environmentId)}' found.`);
  if (server.transport.kind !== "http") {
    throw invalidRequest("OAuth login is only supported for streamable HTTP servers.");
  }
  return await logins.begin(server, params, client);
}

/** Servers are found by their names, wherever they run: none is registered for an environment. */
function checkScope(serverName: string, environmentId: string | null | undefined): void {
  if (isScoped(environmentId)) throw unknownServer(scopedName(serverName, environmentId));
}

function unknownServer(name: string): RpcFault {
  return internalError(`unknown MCP server '${name}'`);
}

function isScoped(environmentId: string | null | undefined): environmentId is string {
  return typeof environmentId === "string";
}

function scopedName(name: string, environmentId: string | null | undefined): string {
  return isScoped(environmentId) ? `${name} (environment ${environmentId})` : name;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
