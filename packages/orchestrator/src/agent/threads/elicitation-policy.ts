import type { AskForApproval } from "@holdfast/app-server-protocol";
import type { ElicitationPolicy } from "@holdfast/mcp";

/** What the approval policy of a thread says of questions of MCP servers. */
export function elicitationPolicy(policy: AskForApproval): ElicitationPolicy {
  if (policy === "never") return { asks: false };
  if (typeof policy === "string" || !("granular" in policy)) return { asks: true };
  return { asks: (policy as { readonly granular: { readonly mcp_elicitations: boolean } }).granular.mcp_elicitations };
}
