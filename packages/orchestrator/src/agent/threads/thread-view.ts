import type { Thread } from "@holdfast/app-server-protocol";
import { gitInfo } from "../marks/marked-view.ts";
import type { ThreadMeta } from "../rollout/thread-meta.ts";

const MS_PER_SECOND = 1_000;

/** A thread as clients see it, by what it is from its start on. */
export function emptyThreadView(meta: ThreadMeta, path: string | undefined): Thread {
  const createdAt = Math.floor(meta.createdAtMs / MS_PER_SECOND);
  return {
    id: meta.id,
    environments: null,
    extra: null,
    sessionId: meta.sessionId,
    forkedFromId: meta.forkedFromId ?? null,
    attachedToThreadId: null,
    parentThreadId: meta.parentThreadId ?? null,
    preview: "",
    ephemeral: false,
    section: null,
    sectionEnteredAt: null,
    projectId: null,
    historyMode: meta.historyMode,
    modelProvider: meta.modelProvider ?? "",
    model: null,
    reasoningEffort: null,
    createdAt,
    updatedAt: createdAt,
    recencyAt: createdAt,
    status: { type: "notLoaded" },
    path: path ?? null,
    cwd: meta.cwd,
    cliVersion: meta.cliVersion,
    originator: meta.originator,
    source: meta.source,
    canAcceptDirectInput: null,
    threadSource: meta.threadSource ?? null,
    agentNickname: null,
    agentRole: null,
    gitInfo: gitInfo(meta.git),
    name: null,
    daybreakEnabled: null,
    turns: [],
  };
}
