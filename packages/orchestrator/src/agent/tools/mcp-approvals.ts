import type { AskForApproval, SandboxPolicy } from "@holdfast/app-server-protocol";
import type { McpTool } from "@holdfast/mcp";
import { isRecord } from "../../steps/is-record.ts";
import { askWithin } from "../turn/ask-within.ts";
import { APPROVAL_WAIT_MAX_MS } from "../turn/limits.ts";
import type { TurnScope } from "../turn/turn-scope.ts";
import { ALLOWED_TOOLS_MAX } from "./limits.ts";

/** A call of a server's tool, for who is asked about it. */
export interface AskedTool {
  readonly source: McpTool;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Undefined: it may be called. Else why not, for the model and for people. */
export type McpRefusal = string | undefined;

/** Asks clients about tools of servers that may change something, and keeps what they allow for the rest of a thread. */
export class McpApprovals {
  readonly #allowed = new Set<string>();

  async refusal({ source, args }: AskedTool, scope: TurnScope): Promise<McpRefusal> {
    if (!needsApproval(source) || this.#allowed.has(keyOf(source))) return undefined;
    const { approvalPolicy, sandboxPolicy } = scope.settings;
    if (isUnasked(approvalPolicy)) {
      if (approvalPolicy === "never" && isUnconfined(sandboxPolicy)) return undefined;
      return "MCP tool call requires approval, but approval policy is never";
    }
    const { serverName, tool } = source;
    const answer = await askWithin(
      scope,
      "mcpServer/elicitation/request",
      {
        serverName,
        environmentId: null,
        mode: "form",
        message: `Allow the ${serverName} MCP server to run tool "${tool.name}"?`,
        requestedSchema: { type: "object", properties: {} },
        _meta: {
          codex_approval_kind: "mcp_tool_call",
          persist: ["session"],
          tool_name: tool.name,
          ...(tool.title === undefined ? {} : { tool_title: tool.title }),
          ...(tool.description === undefined ? {} : { tool_description: tool.description }),
          tool_params: args,
          tool_params_display: Object.entries(args).map(([name, value]) => ({ name, value, display_name: name })),
        },
      },
      APPROVAL_WAIT_MAX_MS,
    );
    if (answer.action !== "accept") {
      return answer.action === "cancel" ? "user cancelled MCP tool call" : "user rejected MCP tool call";
    }
    const persist = isRecord(answer._meta) ? answer._meta.persist : undefined;
    if (persist === "session" || persist === "always") this.#allow(source);
    return undefined;
  }

  #allow(source: McpTool): void {
    this.#allowed.add(keyOf(source));
    const [oldest] = this.#allowed;
    if (this.#allowed.size > ALLOWED_TOOLS_MAX && oldest !== undefined) this.#allowed.delete(oldest);
  }
}

/** By the configuration, or else by what the server says of the tool: whatever may destroy something, or reaches out of it. */
function needsApproval({ config, tool }: McpTool): boolean {
  const mode = config.toolApprovalModes.get(tool.name) ?? config.defaultToolsApprovalMode ?? "auto";
  if (mode !== "auto") return mode === "prompt";
  const { readOnlyHint, destructiveHint, openWorldHint } = tool.annotations ?? {};
  if (destructiveHint === true) return true;
  if (readOnlyHint === true) return false;
  return destructiveHint !== false || openWorldHint !== false;
}

function isUnasked(policy: AskForApproval): boolean {
  if (policy === "never") return true;
  return typeof policy === "object" && "granular" in policy && policy.granular.mcp_elicitations !== true;
}

function isUnconfined({ type }: SandboxPolicy): boolean {
  return type === "dangerFullAccess" || type === "externalSandbox";
}

function keyOf({ serverName, tool }: McpTool): string {
  return `${serverName}\0${tool.name}`;
}
