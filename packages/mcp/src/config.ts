export { McpConfigError } from "./config/config-error.ts";
export { type McpLoginSettings, parseMcpLoginSettings } from "./config/login-settings.ts";
export { type ParseServersOptions, parseMcpServer, parseMcpServers } from "./config/parse-servers.ts";
export { LOCAL_ENVIRONMENT, type McpServerConfig } from "./config/server-config.ts";
export { isMcpError } from "./mcp-error.ts";
