import type { Tool } from "@modelcontextprotocol/client";
import { type ModelToolName, type ModelToolNameOptions, modelToolNames } from "./model-tool-names.ts";
import { isForModels, withoutConnectorMeta } from "./usable-tools.ts";

/** A tool of a server, as `McpManager.tools()` gives it. */
export interface ServersTool {
  readonly serverName: string;
  readonly tool: Pick<Tool, "name" | "_meta">;
  /** What the server says about itself, for models. */
  readonly instructions?: string | undefined;
}

/** A tool as it is put before a model, with what it is. */
export interface ModelTool<Source extends ServersTool> extends ModelToolName {
  /** What the tools of its namespace are for. */
  readonly namespaceDescription: string;
  /** As the server describes it, without what a server has no say in. */
  readonly tool: Source["tool"];
  readonly source: Source;
}

/** What a model is told of the tools of many servers: not of those that are for apps alone. Sorted by what servers call them. */
export function toolsForModels<Source extends ServersTool>(
  tools: Iterable<Source>,
  options: ModelToolNameOptions = {},
): readonly ModelTool<Source>[] {
  const raw = [...tools]
    .filter(({ tool }) => isForModels(tool))
    .map((source) => ({ server: source.serverName, tool: source.tool.name, source }));
  return [...modelToolNames(raw, options)].map(([{ source }, { namespace, name }]) => ({
    namespace,
    name,
    namespaceDescription: source.instructions ?? `Tools in the ${namespace} namespace.`,
    tool: withoutConnectorMeta(source.tool),
    source,
  }));
}
