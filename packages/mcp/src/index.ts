export { McpConfigError } from "./config/config-error.ts";
export {
  type CommonServerOptions,
  type HttpServerOptions,
  mcpServer,
  type StdioServerOptions,
} from "./config/define-server.ts";
export { type McpLoginSettings, parseMcpLoginSettings } from "./config/login-settings.ts";
export { type ParseServersOptions, parseMcpServer, parseMcpServers } from "./config/parse-servers.ts";
export {
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_TOOL_TIMEOUT_MS,
  type HttpServerConfig,
  LOCAL_ENVIRONMENT,
  type McpServerConfig,
  type PassedVariable,
  type StdioServerConfig,
  TOOL_APPROVAL_MODES,
  type ToolApprovalMode,
} from "./config/server-config.ts";
export { serverNameProblem } from "./config/server-name.ts";
export { type ShownServer, shownServer } from "./config/shown-server.ts";
export type { McpEnvironments } from "./environments.ts";
export { BearerTokenError } from "./http/bearer-token-error.ts";
export type { FetchLike } from "./http/fetch-like.ts";
export { HttpOpener, type HttpOpenerOptions } from "./http/http-opener.ts";
export { HttpServerError } from "./http/http-server-error.ts";
export type {
  ElicitationOptions,
  ElicitationPolicy,
  ElicitationReply,
  ElicitationRequest,
} from "./manager/elicitation.ts";
export type {
  McpManager,
  McpProgress,
  McpRequestOptions,
  McpServerView,
  McpTool,
  McpToolCallOptions,
} from "./manager/mcp-manager.ts";
export { McpServers, type McpServersOptions, type RefreshOptions } from "./manager/mcp-servers.ts";
export type { ServerTool } from "./manager/server-connection.ts";
export type { McpServerLog, McpServerState, McpServerStatus, McpStartup } from "./manager/status.ts";
export { isMcpError, McpError, type McpErrorCode } from "./mcp-error.ts";
export {
  LONG_MODEL_TOOL_NAME_MAX_BYTES,
  MODEL_TOOL_NAME_MAX_BYTES,
  type ModelToolName,
  type ModelToolNameOptions,
  modelToolNames,
  type RawTool,
} from "./naming/model-tool-names.ts";
export { type ModelTool, type ServersTool, toolsForModels } from "./naming/tools-for-models.ts";
export type { McpAuthStatus } from "./oauth/auth-status.ts";
export { CredentialFile, type CredentialFileOptions } from "./oauth/credential-file.ts";
export type { CredentialStore } from "./oauth/credential-store.ts";
export { type CredentialOwner, credentialOwner, type StoredCredentials } from "./oauth/credentials.ts";
export type { McpLogin } from "./oauth/login.ts";
export { isMcpLoginRequired, McpLoginRequiredError } from "./oauth/login-required-error.ts";
export { McpAuth, type McpAuthOptions, type McpLoginOptions } from "./oauth/mcp-auth.ts";
export { McpOAuthError, type McpOAuthErrorCode } from "./oauth/oauth-error.ts";
export type { RedirectOptions } from "./oauth/redirect-place.ts";
