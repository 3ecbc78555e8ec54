import type { RedirectOptions } from "@holdfast/mcp";
import { type McpServerConfig, parseMcpLoginSettings, parseMcpServers } from "@holdfast/mcp/config";
import type { ConfigScope, HostConfig } from "../../config/host-config.ts";
import { memberOf } from "../../config/toml-values.ts";

/** What a configuration says of MCP servers. */
export interface ConfiguredServers {
  /** Enabled or not. */
  readonly servers: readonly McpServerConfig[];
  /** Milliseconds that a turn waits for servers that are starting. Default: a second. */
  readonly startupGraceMs: number | undefined;
}

/** @throws ConfigError, McpConfigError - It can not be used. */
export async function configuredServers(
  config: HostConfig,
  { overrides, cwd }: ConfigScope,
): Promise<ConfiguredServers> {
  const root = await config.table(overrides ?? {}, { cwd });
  const grace = memberOf(root, "mcp_optional_startup_grace_ms");
  return {
    servers: parseMcpServers(memberOf(root, "mcp_servers")),
    startupGraceMs: typeof grace === "number" && grace >= 0 ? grace : undefined,
  };
}

/** Where the browser comes back to from a login. @throws ConfigError, McpConfigError - It can not be used. */
export async function loginRedirect(config: HostConfig): Promise<RedirectOptions> {
  return parseMcpLoginSettings(await config.table()).redirect;
}
