export type {
  EnvironmentDefinition,
  ProgramEnvironment,
  ResolvedUrl,
  TargetEnvironment,
  UrlEnvironment,
  UrlResolver,
} from "./environments/environment-definition.ts";
export { LOCAL_ENVIRONMENT_ID, REMOTE_ENVIRONMENT_ID } from "./environments/environment-definition.ts";
export { EnvironmentError, type EnvironmentErrorCode, isEnvironmentError } from "./environments/environment-error.ts";
export type { EnvironmentHandle } from "./environments/environment-handle.ts";
export {
  type EnvironmentListener,
  EnvironmentRegistry,
  type EnvironmentRegistryOptions,
  type PendingEnvironment,
} from "./environments/environment-registry.ts";
export {
  type EnvironmentEvent,
  type EnvironmentState,
  type EnvironmentStatus,
  type ReportedEnvironmentStatus,
  reportedStatus,
} from "./environments/environment-status.ts";
export type { Tool, ToolCall, ToolContent, ToolResult, ToolSchema } from "./tools/tool.ts";
