import type { Tool } from "@modelcontextprotocol/client";
import type { McpServerConfig } from "../config/server-config.ts";

/** Members by which hosts mark tools of connectors; an ordinary server has no say in them. */
const RESERVED_META = [
  "connector_id",
  "connector_name",
  "connector_display_name",
  "connector_description",
  "connectorDescription",
] as const;

/** Why a tool may not be used, in a line; undefined: it may. Tools that the server does not have are the server's to refuse. */
export function disabledToolProblem(
  { name, enabledTools, disabledTools }: Pick<McpServerConfig, "name" | "enabledTools" | "disabledTools">,
  tool: string,
): string | undefined {
  const isEnabled = (enabledTools?.includes(tool) ?? true) && !disabledTools.includes(tool);
  return isEnabled ? undefined : `tool '${tool}' is disabled for MCP server '${name}'`;
}

/** Whether a model is to be told of a tool: one that is for an app's own pages only is not for it. */
export function isForModels(tool: Pick<Tool, "_meta">): boolean {
  const ui = tool._meta?.ui;
  const visibility = typeof ui === "object" && ui !== null && "visibility" in ui ? ui.visibility : undefined;
  return !Array.isArray(visibility) || visibility.includes("model");
}

/** A tool of an ordinary server, without what it says of connectors. */
export function withoutConnectorMeta<Each extends Pick<Tool, "_meta">>(tool: Each): Each {
  if (tool._meta === undefined || !RESERVED_META.some((key) => Object.hasOwn(tool._meta ?? {}, key))) return tool;
  const kept = Object.entries(tool._meta).filter(([key]) => !RESERVED_META.some((reserved) => reserved === key));
  return { ...tool, _meta: Object.fromEntries(kept) };
}
