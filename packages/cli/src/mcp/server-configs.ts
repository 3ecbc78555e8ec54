import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type McpLoginSettings, type McpServerConfig, parseMcpLoginSettings, parseMcpServers } from "@holdfast/mcp";
import { parseToml } from "@holdfast/orchestrator";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { codexHome } from "../env/codex-home.ts";

/** The servers of one configuration file. */
export interface ServerConfigs {
  /** Where they are written. */
  readonly file: string;
  readonly servers: readonly McpServerConfig[];
  readonly logins: McpLoginSettings;
  /** Members that have no effect, a line each. */
  readonly warnings: readonly string[];
}

const FILE_NAME = "config.toml";

/**
 * The MCP servers that `--config` names: the tables `[mcp_servers.NAME]` of a TOML file, or `mcpServers` of a JSON file. Default: those of Codex.
 *
 * @throws CommandFailure - The file can't be read, or a server can't be used.
 */
export async function serverConfigs(context: Context, args: Arguments): Promise<ServerConfigs> {
  const named = args.text("config");
  const file = named === undefined ? join(codexHome(context), FILE_NAME) : resolve(context.cwd, named);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (named === undefined && isNotThere(error)) return "";
    throw new CommandFailure(`${file} can't be read: ${reasonOf(error)}`, { cause: error });
  });
  const warnings: string[] = [];
  try {
    const root = file.endsWith(".json") ? { mcp_servers: fromJson(JSON.parse(text)) } : parseToml(text).root;
    const servers = parseMcpServers(root.mcp_servers, { onWarning: (line) => warnings.push(line) });
    return { file, servers, logins: parseMcpLoginSettings(root), warnings };
  } catch (error) {
    throw new CommandFailure(`${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** As Claude Code, Cursor and others write it. */
function fromJson(value: unknown): unknown {
  const servers = isObject(value) ? value.mcpServers : undefined;
  if (!isObject(servers)) throw new Error("it has no object mcpServers");
  return Object.fromEntries(
    Object.entries(servers).map(([name, server]) => {
      if (!isObject(server)) return [name, server];
      const { headers, ...rest } = server;
      return [name, headers === undefined ? rest : { ...rest, http_headers: headers }];
    }),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
