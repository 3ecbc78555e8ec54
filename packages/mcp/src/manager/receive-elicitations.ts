import type { Client, ElicitRequestFormParams, ElicitRequestURLParams } from "@modelcontextprotocol/client";
import type { McpServerConfig } from "../config/server-config.ts";
import type { ElicitationDesk, ElicitationRequest } from "./elicitation.ts";

/** Whose questions they are. */
interface Asker {
  readonly config: Pick<McpServerConfig, "name">;
  readonly route: number;
}

/** Put what a server asks of the user to the desk. Also while it starts: some ask before they are ready. */
export function receiveElicitations(client: Client, desk: ElicitationDesk, asker: Asker): void {
  client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq }) => {
    const request = requestOf(params, `${asker.route}:${mcpReq.id}`, asker.config.name);
    const { action, content } = await desk.put(request, mcpReq.signal);
    return content === undefined ? { action } : { action, content: { ...content } };
  });
}

function requestOf(
  params: ElicitRequestFormParams | ElicitRequestURLParams,
  id: string,
  serverName: string,
): ElicitationRequest {
  const { message, _meta: meta } = params;
  if (params.mode === "url") {
    const { url, elicitationId } = params;
    return { id, serverName, mode: "url", message, requestedSchema: undefined, url, elicitationId, meta };
  }
  const { requestedSchema } = params;
  return { id, serverName, mode: "form", message, requestedSchema, url: undefined, elicitationId: undefined, meta };
}
