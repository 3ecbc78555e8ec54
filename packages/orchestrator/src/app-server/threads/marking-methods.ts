import { randomUUID } from "node:crypto";
import {
  ERROR_CODES,
  type ThreadMetadataUpdateParams,
  type ThreadReadState,
  type ThreadReadStateOperation,
  type ThreadUnreadPosition,
} from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import type { ThreadMark } from "../../agent/marks/thread-marks.ts";
import type { GitState } from "../../agent/rollout/thread-meta.ts";
import { noRollout, notLoaded, refused } from "../../agent/threads/refusals.ts";
import { readThreadId } from "../../agent/threads/thread-id.ts";
import type { Room } from "../room.ts";
import { viewOf } from "./history-methods.ts";
import type { ThreadsContext } from "./threads-context.ts";

/** Keep what people say about threads. */
export function markingMethods(context: ThreadsContext): Room["handlers"] {
  const { store, subscriptions } = context;
  return {
    "thread/metadata/update": async (params) => {
      const threadId = readThreadId(params.threadId);
      const { isEphemeral = false } = store.get(threadId) ?? {};
      if (isEphemeral) throw refused(`ephemeral thread does not support metadata updates: ${threadId}`);
      if (store.get(threadId) === undefined && (await store.files.findAnywhere(threadId)) === undefined) {
        throw noRollout(threadId);
      }
      const { gitInfo } = await viewOf(context, threadId);
      await store.marks.set(threadId, markOf(params, gitInfo ?? {}));
      return { thread: await viewOf(context, threadId) };
    },

    "thread/readState/update": async ({ threadId: id, operation, expectedRevision }) => {
      const threadId = readThreadId(id, "thread", ERROR_CODES.InvalidParams);
      const { readState } = await store.marks.of(threadId);
      if (readState === undefined) {
        const isThere = store.get(threadId) !== undefined || (await store.files.findAnywhere(threadId)) !== undefined;
        throw isThere ? refused("thread read state unavailable") : notLoaded(threadId);
      }
      if (readState.revision !== expectedRevision) {
        throw new RpcFault(ERROR_CODES.InvalidRequest, "read state changed", {
          data: { reason: "readStateConflict", readState },
        });
      }
      const next: ThreadReadState = { firstUnread: firstUnread(operation), revision: randomUUID() };
      await store.marks.set(threadId, { readState: next });
      subscriptions.audienceOf(threadId).notify("thread/readState/changed", { threadId, readState: next });
      return { readState: next };
    },
  };
}

function firstUnread({ type }: ThreadReadStateOperation): ThreadUnreadPosition | null {
  return type === "read" ? null : { type: "threadStart" };
}

type KnownGit = { readonly [Member in keyof GitState]?: string | null };

/** @throws RpcFault - There is nothing in it, or nothing that is kept here. */
function markOf({ gitInfo, daybreakEnabled, projectId }: ThreadMetadataUpdateParams, known: KnownGit): ThreadMark {
  if (projectId != null) throw refused(`project not found: ${projectId}`);
  if (gitInfo == null && daybreakEnabled == null) {
    throw refused("thread metadata update must include at least one field");
  }
  return {
    ...(gitInfo == null ? {} : { git: gitOf(gitInfo, known) }),
    ...(daybreakEnabled == null ? {} : { daybreakEnabled }),
  };
}

const MEMBERS = ["sha", "branch", "originUrl"] as const;

/** Null takes a member away; what is left out stays. */
function gitOf(change: NonNullable<ThreadMetadataUpdateParams["gitInfo"]>, known: KnownGit): GitState | null {
  if (MEMBERS.every((member) => change[member] === undefined)) throw refused("gitInfo must include at least one field");
  const [sha, branch, originUrl] = MEMBERS.map((member) => {
    const value = change[member] === undefined ? known[member] : change[member];
    if (value?.trim() === "") throw refused(`gitInfo.${member} must not be empty`);
    return value?.trim() ?? undefined;
  });
  return { sha, branch, originUrl };
}
