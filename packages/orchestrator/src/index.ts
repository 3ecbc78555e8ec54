export type { Tool, ToolCall, ToolContent, ToolResult, ToolSchema } from "./tools/tool.ts";
