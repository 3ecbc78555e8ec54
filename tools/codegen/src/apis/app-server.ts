import type { Api } from "../api.ts";

const RELEASE = "0.169.0";

export const APP_SERVER: Api = {
  name: "app-server",
  source: {
    kind: "imported",
    document: `schemas/app-server/${RELEASE}/app-server.json`,
    unions: [
      { type: "ClientRequest", kind: "request", from: "client" },
      { type: "ServerRequest", kind: "request", from: "server" },
      { type: "ClientNotification", kind: "notice", from: "client" },
      { type: "ServerNotification", kind: "notice", from: "server" },
    ],
    resultOf: { params: "Params", result: "Response" },
    resultExceptions: {
      "account/gatewayOAuth/cancel": "GatewayOAuthCancelResponse",
      "account/logout": "LogoutAccountResponse",
      "account/securitySetup/read": "GetAccountSecuritySetupResponse",
      "account/workspaceMessages/read": "GetWorkspaceMessagesResponse",
      "accountSession/list": "AccountSessionsResponse",
      "config/batchWrite": "ConfigWriteResponse",
      "config/mcpServer/reload": "McpServerRefreshResponse",
      "config/value/write": "ConfigWriteResponse",
      "configRequirements/read": "ConfigRequirementsReadResponse",
      "externalAgentConfig/import/readHistories": "ExternalAgentConfigImportHistoriesReadResponse",
      "memory/reset": "MemoryResetResponse",
      "remoteControl/status/read": "RemoteControlStatusReadResponse",
      "rollout/compress": "RolloutCompressResponse",
      "windowsSandbox/readiness": "WindowsSandboxReadinessResponse",
    },
  },
  schemas: `schemas/app-server/${RELEASE}`,
  description: "What an orchestrator offers to user interfaces and SDKs: threads, turns, approvals, MCP servers.",
  protocol: {
    release: RELEASE,
    version: "1.0.0",
    envelope: "JSONRPCMessage",
    fixtures: null,
    roles: { client: "client", server: "app server" },
    tables: null,
    // The package comes later. Until then a test makes its code, in a folder of its own.
    code: null,
    docs: null,
  },
};
