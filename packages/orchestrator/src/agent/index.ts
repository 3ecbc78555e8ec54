export { ConfigError } from "../config/config-error.ts";
export { type ConfigScope, HostConfig, type HostConfigOptions } from "../config/host-config.ts";
export { elicitationPolicy } from "./mcp/elicitation-wire.ts";
export { HostMcp } from "./mcp/host-mcp.ts";
export type { HostMcpOptions } from "./mcp/mcp-means.ts";
export type { McpQuestion } from "./mcp/mcp-question.ts";
export { type McpThread, ThreadMcp } from "./mcp/thread-mcp.ts";
export { configuredModels, configuredProviders, DEFAULT_MODEL, DEFAULT_PROVIDER } from "./model/configured-models.ts";
export type { ResponseItem } from "./model/response-item.ts";
export type { Thread, ThreadStart } from "./threads/thread.ts";
export type { ThreadAudience, ThreadNotice } from "./threads/thread-audience.ts";
export { type NewThread, ThreadStore, type ThreadStoreOptions } from "./threads/thread-store.ts";
export { type AgentServices, agentThreads } from "./turn/agent-thread.ts";
export type {
  BackgroundTerminal,
  OpenThreadRuntime,
  RuntimeThread,
  ThreadRuntime,
  TurnSettings,
  TurnTask,
} from "./turn/thread-runtime.ts";
export type { TurnInput, TurnNotice, TurnOutcome, TurnPort, TurnQuestion } from "./turn/turn-port.ts";
export { uuidV7 } from "./uuid-v7.ts";
