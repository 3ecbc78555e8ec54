import { type McpServerConfig, type McpServerView, shownServer } from "@holdfast/mcp";
import { alignColumns } from "../command-line/align-columns.ts";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_FAILURE, EXIT_OK } from "../command-line/failure.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import { openServers } from "./open-servers.ts";
import { serverConfigs } from "./server-configs.ts";
import { whyNot } from "./why-not.ts";

/** A server as its configuration says it, and as it is; undefined: it is not enabled. */
interface Listed {
  readonly config: McpServerConfig;
  readonly view: McpServerView | undefined;
}

/** `holdfast mcp list` */
export async function list(context: Context, args: Arguments): Promise<number> {
  const { servers: configs, file } = await serverConfigs(context, args);
  await using opened = await openServers(context, configs);
  const { current } = opened.servers;
  await current.started();
  const views = new Map(current.servers().map((view) => [view.name, view]));
  const listed = configs.map((config) => ({ config, view: views.get(config.name) }));
  const text = args.has("json")
    ? printableJson({ file, servers: listed.map(toJson) })
    : toText(listed, args.has("tools"));
  context.stdout.write(printableLines(text));
  return listed.every(({ view }) => view === undefined || view.state === "ready") ? EXIT_OK : EXIT_FAILURE;
}

function toJson({ config, view }: Listed) {
  const { tools, state, error, info } = view ?? {};
  return {
    ...shownServer(config),
    state: state ?? "disabled",
    error: error ?? null,
    server: info === undefined ? null : { name: info.name, version: info.version },
    tools: (tools ?? []).map(({ name, title, description }) => ({
      name,
      title: title ?? null,
      description: description ?? null,
    })),
  };
}

function toText(listed: readonly Listed[], withTools: boolean): string {
  if (listed.length === 0) return "";
  const rows = listed.map(({ config, view }) => {
    const tools = view?.state === "ready" ? `${view.tools.length}` : "";
    return [
      config.name,
      config.environmentId,
      view?.state ?? "disabled",
      tools,
      view?.error === undefined ? "" : whyNot(view),
    ];
  });
  const table = alignColumns([
    ["NAME", "ENVIRONMENT", "STATE", "TOOLS", ...(rows.some((row) => row[4]) ? ["WHY"] : [])],
    ...rows,
  ]);
  return withTools ? `${table}${listed.map(toolText).join("")}` : table;
}

function toolText({ config, view }: Listed): string {
  const { tools = [] } = view ?? {};
  if (tools.length === 0) return "";
  const rows = tools.map(({ name, title, description }) => [`  ${name}`, firstLine(description ?? title ?? "")]);
  return `\n${alignColumns([[config.name], ...rows])}`;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
