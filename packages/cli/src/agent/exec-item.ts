import type { ThreadItem } from "@holdfast/app-server-protocol";
import type { ExecItemDetails } from "./exec-event.ts";

/** An item of a thread as a line of `--json` has it. Undefined: none tells of such a one. */
export function execItem(item: ThreadItem): ExecItemDetails | undefined {
  switch (item.type) {
    case "agentMessage":
      return { type: "agent_message", text: item.text };
    case "reasoning":
      return { type: "reasoning", text: (item.summary ?? []).join("\n") };
    case "commandExecution":
      return {
        type: "command_execution",
        command: item.command,
        aggregated_output: item.aggregatedOutput ?? "",
        exit_code: item.exitCode ?? null,
        status: item.status === "declined" ? "declined" : stateOf(item.status),
      };
    case "fileChange":
      return {
        type: "file_change",
        changes: item.changes.map(({ path, kind }) => ({ path, kind: kindOf(kind) })),
        status: stateOf(item.status),
      };
    case "mcpToolCall":
      return {
        type: "mcp_tool_call",
        server: item.server,
        tool: item.tool,
        arguments: item.arguments,
        result: resultOf(item.result),
        error: item.error === null || item.error === undefined ? null : { message: item.error.message },
        status: stateOf(item.status),
      };
    case "webSearch":
      return { type: "web_search", query: item.query };
    default:
      return undefined;
  }
}

/** What is neither under way nor completed has failed, whatever newer servers call it. */
function stateOf(status: unknown): "in_progress" | "completed" | "failed" {
  if (status === "inProgress") return "in_progress";
  return status === "completed" ? "completed" : "failed";
}

function kindOf(kind: unknown): "add" | "delete" | "update" {
  const word = typeof kind === "object" && kind !== null && "type" in kind ? kind.type : kind;
  return word === "add" || word === "delete" ? word : "update";
}

function resultOf(result: Extract<ThreadItem, { type: "mcpToolCall" }>["result"]) {
  if (result === null || result === undefined) return null;
  return { content: result.content, structured_content: result.structuredContent ?? null };
}
