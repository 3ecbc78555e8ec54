import { join } from "node:path";
import type { ClientRequests, UserInput } from "@holdfast/app-server-protocol";

/** What the params of calls may name. All of it was made for this run, and is gone after it. */
export interface CallGround {
  /** A temporary folder, with an empty file `file` in it. */
  readonly folder: string;
  /** A thread with one turn that is over. */
  readonly threadId: string;
  readonly turnId: string;
  /** Threads that have a turn, too, to be archived and deleted. */
  readonly archivedId: string;
  readonly deletedId: string;
}

/** Params for a method, or why it is not called. */
export type PlannedCall<Params> = ((ground: CallGround) => Params) | { readonly skipped: string };

const ACCOUNT = { skipped: "acts on an account" };
const OUTSIDE = { skipped: "talks to a service outside of this machine" };
/** Ids that no server has given. */
const NO_UUID = "01999999-0000-7000-8000-000000000000";
const TEXT: UserInput = { type: "text", text: "hello", text_elements: [] };

function nothing() {
  return {};
}

function noParams() {
  return null;
}

function ofThread({ threadId }: CallGround) {
  return { threadId };
}

/**
 * One call of every method that clients have, in the order in which they are made: what reads first, what ends or removes last. A method
 * that the protocol gains does not compile until it stands here.
 */
export const EVERY_METHOD: {
  readonly [Method in keyof ClientRequests]: PlannedCall<ClientRequests[Method]["params"]>;
} = {
  initialize: () => ({ clientInfo: { name: "again", version: "1" } }),
  "server/diagnostics": nothing,
  "config/read": () => ({ includeLayers: true }),
  "configRequirements/read": noParams,
  "model/list": nothing,
  "modelProvider/list": nothing,
  "modelProvider/capabilities/read": nothing,
  "collaborationMode/list": nothing,
  "experimentalFeature/list": nothing,
  "permissionProfile/list": nothing,
  "mock/experimentalMethod": () => ({ value: "x" }),
  "hooks/list": nothing,
  "skills/list": nothing,
  "account/read": nothing,
  "account/gatewayOAuth/read": nothing,
  "account/securitySetup/read": noParams,
  "account/rateLimits/read": nothing,
  "account/usage/read": nothing,
  "account/workspaceMessages/read": noParams,
  "account/bedrock/checkGovCloudRequirements": nothing,
  "accountSession/list": nothing,
  getAuthStatus: nothing,
  "remoteControl/status/read": noParams,
  "userVerification/status": nothing,
  "windowsSandbox/readiness": noParams,
  "memory/status": nothing,
  "externalAgentConfig/detect": ({ folder }) => ({ cwds: [folder], includeHome: false }),
  "externalAgentConfig/import/readHistories": noParams,
  "thread/realtime/listVoices": nothing,

  "thread/list": nothing,
  "thread/loaded/list": nothing,
  "thread/read": ofThread,
  "thread/turns/list": ofThread,
  "thread/items/list": ofThread,
  "thread/items/read": ({ threadId, turnId }) => ({ threadId, turnId, itemIds: ["none"] }),
  "thread/timeline/list": ofThread,
  "thread/search": () => ({ searchTerm: "hello" }),
  "thread/search/stream": () => ({ searchTerm: "hello" }),
  "thread/search/cancel": () => ({ requestId: "none" }),
  "thread/search/stream/cancel": () => ({ requestId: "none" }),
  "thread/searchOccurrences": ({ threadId }) => ({ threadId, searchTerm: "hello" }),
  "thread/goal/get": ofThread,
  "thread/memory/read": ofThread,
  "thread/queue/list": ofThread,
  "thread/attachment/list": ofThread,
  "thread/attachmentOwner/list": () => ({ attachmentType: "note", identityKey: "one" }),
  "thread/backgroundTerminals/list": ofThread,
  "thread/realtime/list": ofThread,
  getConversationSummary: ({ threadId }) => ({ conversationId: threadId }),
  gitDiffToRemote: ({ folder }) => ({ cwd: folder }),
  "thread/resume": ofThread,
  "thread/name/set": ({ threadId }) => ({ threadId, name: "a name" }),
  "thread/goal/set": ({ threadId }) => ({ threadId, objective: "none", status: "paused" }),
  "thread/goal/clear": ofThread,
  "thread/metadata/update": ({ threadId }) => ({ threadId, gitInfo: { branch: "main" } }),
  "thread/memoryMode/set": ({ threadId }) => ({ threadId, mode: "disabled" }),
  "thread/settings/update": ({ threadId }) => ({ threadId, approvalPolicy: "never" }),
  "thread/attachment/add": ({ threadId }) => ({ threadId, attachmentType: "note", identityKey: "one", payload: {} }),
  "thread/attachment/remove": ({ threadId }) => ({ threadId, attachmentType: "note", identityKey: "one" }),
  "thread/section/move": ({ threadId }) => ({ threadId, sectionId: null }),
  "thread/readState/update": ({ threadId }) => ({ threadId, operation: { type: "read" }, expectedRevision: NO_UUID }),
  "thread/inject_items": ({ threadId }) => ({
    threadId,
    items: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] }],
  }),
  "thread/increment_elicitation": ofThread,
  "thread/decrement_elicitation": ofThread,
  "thread/approveGuardianDeniedAction": ({ threadId }) => ({ threadId, event: {} }),
  "thread/prediction/request": ({ threadId, turnId }) => ({ threadId, sourceTurnId: turnId }),
  "thread/prepareApprovedPlan": ({ threadId }) => ({ threadId, markdown: "- one" }),
  "thread/guardianReview": ofThread,
  "thread/sample": ({ threadId }) => ({ threadId, expectedTurnId: NO_UUID, prompt: "hello" }),
  "thread/sample/cancel": () => ({ requestId: "none" }),
  "thread/queue/add": ({ threadId }) => ({ threadId, clientUserMessageId: NO_UUID, input: [TEXT] }),
  "thread/queue/update": ({ threadId }) => ({ threadId, queuedSubmissionId: NO_UUID, input: [TEXT] }),
  "thread/queue/reorder": ({ threadId }) => ({ threadId, queuedSubmissionIds: [NO_UUID] }),
  "thread/queue/delete": ({ threadId }) => ({ threadId, queuedSubmissionId: NO_UUID }),
  "thread/queue/start": ofThread,
  "thread/realtime/start": OUTSIDE,
  "thread/realtime/appendAudio": ({ threadId }) => ({
    threadId,
    audio: { data: "AAAA", sampleRate: 24_000, numChannels: 1 },
  }),
  "thread/realtime/appendText": ({ threadId }) => ({ threadId, text: "hello" }),
  "thread/realtime/appendSpeech": ({ threadId }) => ({ threadId, text: "hello" }),
  "thread/realtime/stop": ofThread,

  "threadSection/list": nothing,
  "threadSection/create": () => ({ name: "a section" }),
  "threadSection/update": () => ({ sectionId: NO_UUID, name: "another" }),
  "threadSection/delete": () => ({ sectionId: NO_UUID }),
  "project/list": nothing,
  "project/create": ({ folder }) => ({ idempotencyKey: NO_UUID, name: "a project", roots: [{ path: folder }] }),
  "project/import": ({ folder }) => ({ idempotencyKey: `${NO_UUID}-2`, name: "another", roots: [{ path: folder }] }),
  "project/read": () => ({ projectId: NO_UUID }),
  "project/update": () => ({ projectId: NO_UUID, name: "a name" }),
  "project/move": () => ({ projectId: NO_UUID }),
  "project/delete": () => ({ projectId: NO_UUID }),

  "turn/start": ({ threadId }) => ({ threadId, input: [TEXT] }),
  "turn/settings/update": ({ threadId, turnId }) => ({ threadId, turnId }),
  "turn/steer": ({ threadId }) => ({ threadId, expectedTurnId: NO_UUID, input: [TEXT] }),
  "turn/interrupt": ({ threadId }) => ({ threadId, turnId: NO_UUID }),
  "review/start": ({ threadId }) => ({ threadId, target: { type: "custom", instructions: "look" } }),
  "thread/compact/start": ofThread,
  "thread/shellCommand": ({ threadId }) => ({ threadId, command: "true" }),
  "thread/backgroundTerminals/terminate": ({ threadId }) => ({ threadId, processId: "1" }),
  "thread/backgroundTerminals/clean": ofThread,
  "thread/fork": ofThread,
  "thread/revert": ({ threadId, turnId }) => ({ threadId, beforeTurnId: turnId }),
  "thread/rollback": ({ threadId }) => ({ threadId, numTurns: 1 }),

  "command/exec": () => ({ command: ["true"] }),
  "command/exec/write": () => ({ processId: "none", closeStdin: true }),
  "command/exec/resize": () => ({ processId: "none", size: { rows: 24, cols: 80 } }),
  "command/exec/terminate": () => ({ processId: "none" }),
  "process/spawn": ({ folder }) => ({ command: ["true"], cwd: folder, processHandle: "one" }),
  "process/writeStdin": () => ({ processHandle: "none", closeStdin: true }),
  "process/resizePty": () => ({ processHandle: "none", size: { rows: 24, cols: 80 } }),
  "process/kill": () => ({ processHandle: "none" }),

  "fs/getMetadata": ({ folder }) => ({ path: folder }),
  "fs/readDirectory": ({ folder }) => ({ path: folder }),
  "fs/readFile": ({ folder }) => ({ path: join(folder, "file") }),
  "fs/writeFile": ({ folder }) => ({ path: join(folder, "written"), dataBase64: "aGVsbG8=" }),
  "fs/createDirectory": ({ folder }) => ({ path: join(folder, "made") }),
  "fs/copy": ({ folder }) => ({ sourcePath: join(folder, "written"), destinationPath: join(folder, "copied") }),
  "fs/watch": ({ folder }) => ({ path: folder, watchId: "one" }),
  "fs/unwatch": () => ({ watchId: "one" }),
  "fs/remove": ({ folder }) => ({ path: join(folder, "copied"), recursive: false, force: false }),
  fuzzyFileSearch: ({ folder }) => ({ query: "file", roots: [folder] }),
  "fuzzyFileSearch/sessionStart": ({ folder }) => ({ roots: [folder], sessionId: "one" }),
  "fuzzyFileSearch/sessionUpdate": () => ({ query: "file", sessionId: "one" }),
  "fuzzyFileSearch/sessionStop": () => ({ sessionId: "one" }),

  "environment/add": () => ({ environmentId: "elsewhere", execServerUrl: "ws://127.0.0.1:9" }),
  "environment/status": () => ({ environmentId: "elsewhere" }),
  "environment/info": () => ({ environmentId: "elsewhere" }),
  "config/mcpServer/reload": noParams,
  "mcpServerStatus/list": nothing,
  "mcpServer/tool/call": ({ threadId }) => ({ threadId, server: "none", tool: "none" }),
  "mcpServer/resource/read": ({ threadId }) => ({ threadId, server: "none", uri: "none://" }),
  "mcpServer/event/stream/start": ({ threadId }) => ({
    threadId,
    server: "none",
    name: "none",
    subscriptionId: "one",
    arguments: {},
  }),
  "mcpServer/event/stream/stop": () => ({ subscriptionId: "one" }),
  "mcpServer/oauth/login": () => ({ name: "none" }),

  "plugin/list": nothing,
  "plugin/installed": nothing,
  "plugin/search": () => ({ searchTerm: "none" }),
  "plugin/read": () => ({ pluginName: "none" }),
  "plugin/install": OUTSIDE,
  "plugin/uninstall": () => ({ pluginId: "none" }),
  "plugin/reconcile": nothing,
  "plugin/skill/read": () => ({ remoteMarketplaceName: "none", remotePluginId: "none", skillName: "none" }),
  "plugin/share/list": nothing,
  "plugin/share/save": ({ folder }) => ({ pluginPath: join(folder, "none") }),
  "plugin/share/updateTargets": () => ({ remotePluginId: "none", discoverability: "PRIVATE", shareTargets: [] }),
  "plugin/share/checkout": () => ({ remotePluginId: "none" }),
  "plugin/share/delete": () => ({ remotePluginId: "none" }),
  "marketplace/add": OUTSIDE,
  "marketplace/upgrade": OUTSIDE,
  "marketplace/remove": () => ({ marketplaceName: "none" }),
  "app/list": nothing,
  "app/read": () => ({ appIds: ["none"] }),
  "app/installed": nothing,
  "feedback/upload": OUTSIDE,
  "feedback/save": ({ folder }) => ({ classification: "bug", savePath: join(folder, "feedback.zip") }),
  "remoteControl/enable": OUTSIDE,
  "remoteControl/disable": nothing,
  "remoteControl/pairing/start": OUTSIDE,
  "remoteControl/pairing/status": () => ({ pairingCode: "none" }),
  "remoteControl/client/list": () => ({ environmentId: "none" }),
  "remoteControl/client/revoke": () => ({ environmentId: "none", clientId: "none" }),
  "userVerification/enroll": ACCOUNT,
  "userVerification/delete": ACCOUNT,
  "userVerification/verify": ACCOUNT,
  "userVerification/cancel": () => ({ requestId: "none" }),
  "account/login/start": ACCOUNT,
  "account/login/cancel": ACCOUNT,
  "account/logout": ACCOUNT,
  "account/gatewayOAuth/login": ACCOUNT,
  "account/gatewayOAuth/cancel": ACCOUNT,
  "account/bedrock/discover": ACCOUNT,
  "account/bedrock/setup": ACCOUNT,
  "account/gcp/setup": ACCOUNT,
  "account/rateLimitResetCredit/consume": ACCOUNT,
  "account/sendAddCreditsNudgeEmail": ACCOUNT,
  "accountSession/switch": ACCOUNT,
  "windowsSandbox/setupStart": () => ({ mode: "unelevated" }),

  "config/value/write": () => ({ keyPath: "model_verbosity", value: "low", mergeStrategy: "replace" }),
  "config/batchWrite": () => ({
    edits: [{ keyPath: "model_verbosity", value: "medium", mergeStrategy: "replace" }],
  }),
  "modelProvider/config/write": { skipped: "writes providers, which have keys" },
  "modelProvider/default/set": () => ({ providerId: "mock" }),
  "experimentalFeature/enablement/set": () => ({ enablement: {} }),
  "skills/config/write": () => ({ enabled: false, name: "none" }),
  "skills/extraRoots/set": () => ({ extraRoots: [] }),
  "externalAgentConfig/import": () => ({ migrationItems: [] }),
  "externalAgentConfig/import/recordHistory": () => ({ itemTypeResults: [], providerId: "none" }),

  "thread/archive": ({ archivedId }) => ({ threadId: archivedId }),
  "thread/unarchive": ({ archivedId }) => ({ threadId: archivedId }),
  "thread/unsubscribe": ofThread,
  "thread/delete": ({ deletedId }) => ({ threadId: deletedId }),
  "rollout/compress": noParams,
  "memory/reset": noParams,
  "thread/start": nothing,
};
