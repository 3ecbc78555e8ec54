import type { ClientRequests } from "@holdfast/app-server-protocol";

/** Methods that this server knows and does not serve, with what a client is told of each: why, and what there is in its place. */
export interface NotServed {
  readonly reason: string;
  readonly methods: readonly (keyof ClientRequests)[];
}

/** By what they are about. No method is in it twice, or served. It is the source of the table in `docs/wire/app-server.md`. */
export const NOT_SERVED: readonly NotServed[] = [
  {
    reason: "there are no accounts here; the key of a model provider comes from the variable that its `env_key` names",
    methods: [
      "account/login/start",
      "account/login/cancel",
      "accountSession/switch",
      "account/securitySetup/read",
      "account/rateLimits/read",
      "account/rateLimitResetCredit/consume",
      "account/usage/read",
      "account/workspaceMessages/read",
      "account/sendAddCreditsNudgeEmail",
      "account/bedrock/discover",
      "account/bedrock/setup",
      "account/gcp/setup",
      "account/gatewayOAuth/read",
      "account/gatewayOAuth/login",
      "account/gatewayOAuth/cancel",
      "userVerification/status",
      "userVerification/enroll",
      "userVerification/delete",
      "userVerification/verify",
      "userVerification/cancel",
    ],
  },
  {
    reason: "there are no plugins and apps here; skills lie in folders, and MCP servers are configured",
    methods: [
      "marketplace/add",
      "marketplace/remove",
      "marketplace/upgrade",
      "plugin/search",
      "plugin/reconcile",
      "plugin/read",
      "plugin/skill/read",
      "plugin/share/save",
      "plugin/share/updateTargets",
      "plugin/share/list",
      "plugin/share/checkout",
      "plugin/share/delete",
      "plugin/install",
      "plugin/uninstall",
      "app/read",
      "app/installed",
    ],
  },
  {
    reason: "there is no service in between here; clients elsewhere connect to --listen with --ws-auth",
    methods: [
      "remoteControl/enable",
      "remoteControl/disable",
      "remoteControl/pairing/start",
      "remoteControl/pairing/status",
      "remoteControl/client/list",
      "remoteControl/client/revoke",
    ],
  },
  {
    reason: "nobody speaks or listens here; turns are text",
    methods: [
      "thread/realtime/start",
      "thread/realtime/appendAudio",
      "thread/realtime/appendText",
      "thread/realtime/appendSpeech",
      "thread/realtime/stop",
      "thread/realtime/list",
      "thread/realtime/listVoices",
      "thread/timeline/list",
    ],
  },
  {
    reason:
      "threads are in no projects, sections or queues here, and nothing is attached to them; thread/list has filters",
    methods: [
      "project/read",
      "project/create",
      "project/import",
      "project/update",
      "project/move",
      "project/delete",
      "threadSection/create",
      "threadSection/update",
      "threadSection/delete",
      "thread/section/move",
      "thread/queue/add",
      "thread/queue/list",
      "thread/queue/update",
      "thread/queue/delete",
      "thread/queue/reorder",
      "thread/queue/start",
      "thread/attachment/add",
      "thread/attachment/list",
      "thread/attachmentOwner/list",
      "thread/attachment/remove",
    ],
  },
  {
    reason: "nothing is remembered across threads here; what a model should know stands in AGENTS.md",
    methods: ["thread/memoryMode/set", "thread/memory/read", "memory/status", "memory/reset"],
  },
  {
    reason: "there are no goals, plans and predictions here beside turns; ask for it in a turn",
    methods: [
      "thread/goal/set",
      "thread/goal/clear",
      "thread/prepareApprovedPlan",
      "thread/prediction/request",
      "thread/sample",
      "thread/sample/cancel",
    ],
  },
  {
    reason: "nobody reviews for the user here; ask for a review in a turn, and decide about approvals",
    methods: ["review/start", "thread/guardianReview", "thread/approveGuardianDeniedAction"],
  },
  {
    reason: "items are read page by page here; thread/search finds threads, and thread/items/list has what is in one",
    methods: ["thread/items/read", "thread/searchOccurrences"],
  },
  {
    reason: "a turn waits for answers as long as they are open here; nothing has to be counted for that",
    methods: ["thread/increment_elicitation", "thread/decrement_elicitation"],
  },
  {
    reason: "a thread is changed by appending to it here; thread/fork takes an earlier turn as its end",
    methods: ["thread/rollback", "thread/revert", "rollout/compress"],
  },
  {
    reason: "there is no sandbox of this kind here; commands are confined by the executor of their environment",
    methods: ["windowsSandbox/setupStart"],
  },
  {
    reason: "nothing is taken over from other programs here",
    methods: [
      "externalAgentConfig/import",
      "externalAgentConfig/import/recordHistory",
      "externalAgentConfig/import/readHistories",
    ],
  },
  {
    reason: "nothing is reported to anybody from here",
    methods: ["feedback/upload", "feedback/save"],
  },
  {
    reason: "there are no experimental features here that could be turned on",
    methods: ["experimentalFeature/enablement/set"],
  },
  {
    reason: "the older way is not there any more; thread/read tells of a thread, and command/exec runs git",
    methods: ["getConversationSummary", "gitDiffToRemote"],
  },
  {
    reason: "an MCP server sends no streams of events through this server",
    methods: ["mcpServer/event/stream/start", "mcpServer/event/stream/stop"],
  },
];
