export {
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_TOOL_TIMEOUT_MS,
  type HttpServerConfig,
  LOCAL_ENVIRONMENT,
  type McpServerConfig,
  type PassedVariable,
  type StdioServerConfig,
  type ToolApprovalMode,
} from "./config/server-config.ts";
export type { McpEnvironments } from "./environments.ts";
