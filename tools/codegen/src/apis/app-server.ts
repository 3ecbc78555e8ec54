import type { Api, ImportedRelease } from "../api.ts";
import { REPEATABLE } from "./app-server-repeatable.ts";

const SCHEMAS = "schemas/app-server";
const PACKAGE = "packages/app-server-protocol";

function release(number: string): ImportedRelease {
  return { release: number, document: `${SCHEMAS}/${number}/app-server.json` };
}

export const APP_SERVER: Api = {
  name: "app-server",
  source: {
    kind: "imported",
    package: "@openai/codex",
    command: ["app-server", "generate-json-schema"],
    file: "codex_app_server_protocol.schemas.json",
    nested: ["v2"],
    releases: [release("0.144.6"), release("0.169.0"), release("0.171.0")],
    unlisted: `${SCHEMAS}/unlisted.json`,
    renamedMembers: {
      ThreadTimelineEntry: {
        members: {
          turn_id: "turnId",
          started_at: "startedAt",
          completed_at: "completedAt",
          duration_ms: "durationMs",
        },
        why: "answers of 0.169.0 and 0.171.0 to `thread/timeline/list`, and the TypeScript that both print",
      },
    },
    choices: {
      AgentMessageDisplay: "0.171.0 has other members, told apart by `mode`, where 0.169.0 had an `action`",
      "ThreadItemsListResponse.data[]":
        "since 0.169.0 an item comes within an entry that names its turn; before, by itself",
    },
    experimentalVariants: {
      "AskForApproval.granular": {
        named: "askForApproval.granular",
        why: "0.171.0 answers `askForApproval.granular requires experimentalApi capability` to who has not asked for it",
      },
    },
    repeatable: REPEATABLE,
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
      "account/rateLimits/read": "GetAccountRateLimitsResponse",
      "account/securitySetup/read": "GetAccountSecuritySetupResponse",
      "account/usage/read": "GetAccountTokenUsageResponse",
      "account/workspaceMessages/read": "GetWorkspaceMessagesResponse",
      "accountSession/list": "AccountSessionsResponse",
      "config/batchWrite": "ConfigWriteResponse",
      "config/mcpServer/reload": "McpServerRefreshResponse",
      "config/value/write": "ConfigWriteResponse",
      "configRequirements/read": "ConfigRequirementsReadResponse",
      "externalAgentConfig/import/readHistories": "ExternalAgentConfigImportHistoriesReadResponse",
      "memory/reset": "MemoryResetResponse",
      "modelProvider/default/set": "ConfigWriteResponse",
      "remoteControl/status/read": "RemoteControlStatusReadResponse",
      "rollout/compress": "RolloutCompressResponse",
      "windowsSandbox/readiness": "WindowsSandboxReadinessResponse",
    },
  },
  schemas: SCHEMAS,
  description: "What an orchestrator offers to user interfaces and SDKs: threads, turns, approvals, MCP servers.",
  protocol: {
    release: "0.171.0",
    version: "1.0.0",
    envelope: "JSONRPCMessage",
    fixtures: null,
    roles: { client: "client", server: "app server" },
    tables: {
      methods: null,
      errors: `${PACKAGE}/src/errors.ts`,
      limits: `${PACKAGE}/src/limits.ts`,
      limitRows: `${PACKAGE}/src/limit-table.ts`,
      notServed: "packages/orchestrator/src/app-server/not-served.ts",
    },
    code: {
      folder: `${PACKAGE}/src/gen`,
      stubs: { client: "AppServerClient", server: "AppServerCallbacks" },
      settings: {
        split: "namespace",
        agreement: "test",
        kit: "@holdfast/protocol-kit",
        types: "./types.gen.ts",
        received: null,
        metadata: { type: "NoticeMetadata", from: "../metadata.ts" },
        quick: ["notices"],
        unknownWords: "tolerable",
        foreign: {},
        byHand: {},
        lateBase64: [],
      },
    },
    docs: "docs/wire/app-server.md",
  },
};
