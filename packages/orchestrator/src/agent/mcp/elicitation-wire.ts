import type {
  AskForApproval,
  McpElicitationSchema,
  McpServerElicitationRequestResponse,
  SandboxPolicy,
} from "@holdfast/app-server-protocol";
import type { ElicitationPolicy, ElicitationReply, ElicitationRequest } from "@holdfast/mcp";
import type { McpQuestion } from "./mcp-question.ts";

/** A server's question in the words of app servers. */
export function elicitationQuestion(request: ElicitationRequest): McpQuestion {
  const { serverName, message, requestedSchema, url, elicitationId, meta } = request;
  const common = { serverName, environmentId: null, message, _meta: meta ?? null };
  if (request.mode === "url") return { mode: "url", ...common, url: url ?? "", elicitationId: elicitationId ?? "" };
  // Passed on as it came: clients tolerate what they do not know.
  const schema: unknown = requestedSchema ?? { type: "object", properties: {} };
  return { mode: "form", ...common, requestedSchema: schema as McpElicitationSchema };
}

/** What a client answered, for the server. Whatever is none of the known actions is a cancel. */
export function elicitationReply({ action, content }: McpServerElicitationRequestResponse): ElicitationReply {
  if (action === "decline") return { action };
  if (action !== "accept") return { action: "cancel" };
  const isForm = typeof content === "object" && content !== null && !Array.isArray(content);
  return { action, content: isForm ? (content as NonNullable<ElicitationReply["content"]>) : {} };
}

/** What the policies of a turn mean for questions of servers. */
export function elicitationPolicy(approval: AskForApproval, sandbox: SandboxPolicy): ElicitationPolicy {
  const isUnconfined = sandbox.type === "dangerFullAccess" || sandbox.type === "externalSandbox";
  const asks =
    approval !== "never" &&
    !(typeof approval === "object" && "granular" in approval && !approval.granular.mcp_elicitations);
  return { asks, acceptsPermissions: approval === "never" && isUnconfined };
}
