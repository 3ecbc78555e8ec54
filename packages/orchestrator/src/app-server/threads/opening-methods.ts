import { basename } from "node:path";
import type {
  ThreadForkParams,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
  TurnsPage,
} from "@holdfast/app-server-protocol";
import { markedView } from "../../agent/marks/marked-view.ts";
import { readRolloutName } from "../../agent/rollout/rollout-name.ts";
import type { ThreadWish } from "../../agent/threads/first-settings.ts";
import { PAGE_DEFAULT, PAGE_MAX } from "../../agent/threads/limits.ts";
import { cursorAt, pageOf } from "../../agent/threads/page.ts";
import { refused } from "../../agent/threads/refusals.ts";
import type { Thread } from "../../agent/threads/thread.ts";
import { readThreadId } from "../../agent/threads/thread-id.ts";
import { viewTurns } from "../../agent/threads/turn-views.ts";
import { isEnvironmentError } from "../../environments/environment-error.ts";
import { readCapabilityRoots, type SelectedCapabilityRoot } from "../../steps/capability-roots.ts";
import type { HostClient } from "../host-client.ts";
import type { Room } from "../room.ts";
import { instructionSources } from "./instruction-sources.ts";
import { requiredServers } from "./required-servers.ts";
import type { ThreadsContext } from "./threads-context.ts";

/** Make threads, load them, and begin others with them. */
export function openingMethods(context: ThreadsContext): Room["handlers"] {
  const { store, subscriptions, services } = context;

  /** Who opens a thread listens to it. */
  const subscribe = (thread: Thread, client: HostClient): void => {
    subscriptions.add(thread.id, client);
    store.reconsider(thread.id);
  };

  /** MCP servers of a thread that is to stay are there before the first turn wants them. */
  const startServers = ({ id, isEphemeral }: Thread): void => {
    if (!isEphemeral) services.mcp.of(id)?.start();
  };

  return {
    "thread/start": async (params, call) => {
      const { client } = call;
      const thread = await store.start({
        ...wishOf(params),
        environments: params.environments,
        dynamicTools: params.dynamicTools,
        ephemeral: params.ephemeral,
        historyMode: params.historyMode === "legacy" ? "legacy" : "paginated",
        source: services.threadsBegunBy,
        threadSource: params.threadSource,
        originator: client.name,
        capabilityRoots: selectedRoots(params.selectedCapabilityRoots),
      });
      await requiredServers(services, store, thread);
      subscribe(thread, client);
      call.afterAnswer(() => {
        services.clients.notifyAll("thread/started", { thread: thread.view() });
        startServers(thread);
      });
      return await openedAnswer(context, thread);
    },

    "thread/resume": async (params, call) => {
      const { client } = call;
      const threadId = readThreadId(params.threadId, "session");
      checkByItsId(params, threadId);
      const loaded = store.get(threadId);
      if (loaded !== undefined && !loaded.isMaterialized) throw refused(`no rollout found for thread id ${threadId}`);
      const thread = await store.resume(threadId, wishOf(params));
      if (thread !== loaded) await requiredServers(services, store, thread);
      subscribe(thread, client);
      call.afterAnswer(() => {
        const { usage } = thread;
        const turnId = thread.index.turns.at(-1)?.id;
        if (usage !== undefined && turnId !== undefined) {
          client.notify("thread/tokenUsage/updated", { threadId, turnId, tokenUsage: usage });
        }
        client.notify("thread/goal/cleared", { threadId });
        services.questions.askAgain(threadId, client);
        startServers(thread);
      });
      return await resumedAnswer(context, thread, params);
    },

    "thread/fork": async (params, call) => {
      const { client } = call;
      const { lastTurnId, beforeTurnId } = params;
      const thread = await store.fork(
        readThreadId(params.threadId, "session"),
        {
          ...wishOf(params),
          ephemeral: params.ephemeral,
          source: services.threadsBegunBy,
          threadSource: params.threadSource,
          originator: client.name,
        },
        { lastTurnId, beforeTurnId },
      );
      await requiredServers(services, store, thread);
      subscribe(thread, client);
      call.afterAnswer(() => {
        services.clients.notifyAll("thread/started", { thread: thread.view() });
        startServers(thread);
      });
      const answer = await openedAnswer(context, thread);
      if (params.excludeTurns === true) return answer;
      return { ...answer, thread: { ...answer.thread, turns: await viewTurns(thread.index.turns, "full") } };
    },
  };
}

type OpeningParams = ThreadStartParams | ThreadResumeParams | ThreadForkParams;

function wishOf(params: OpeningParams): ThreadWish {
  const { model, modelProvider, cwd, approvalPolicy, approvalsReviewer, sandbox, permissions, config } = params;
  const { serviceTier, baseInstructions, developerInstructions } = params;
  return {
    model,
    modelProvider,
    cwd,
    approvalPolicy,
    approvalsReviewer,
    sandbox,
    permissions,
    config,
    serviceTier,
    baseInstructions,
    developerInstructions,
  };
}

/** @throws RpcFault - A path is not absolute. */
function selectedRoots(roots: ThreadStartParams["selectedCapabilityRoots"]): readonly SelectedCapabilityRoot[] {
  try {
    return readCapabilityRoots(roots ?? []);
  } catch (error) {
    throw isEnvironmentError(error) ? refused(error.message) : error;
  }
}

/** What it was is read from its file. @throws RpcFault - Something else is asked for. */
function checkByItsId({ path, history }: ThreadResumeParams, threadId: string): void {
  if (history != null) throw refused("thread/resume reads a thread from its file here: leave `history` out");
  if (path == null || readRolloutName(basename(path))?.threadId === threadId) return;
  throw refused("thread/resume finds a thread by its id here: leave `path` out");
}

async function openedAnswer({ services, store }: ThreadsContext, thread: Thread): Promise<ThreadStartResponse> {
  const { settings } = thread;
  const sources = await instructionSources(services, settings);
  return {
    thread: markedView(thread.view(), await store.marks.of(thread.id)),
    model: settings.model,
    modelProvider: settings.modelProvider,
    serviceTier: settings.serviceTier ?? null,
    disabledPluginIds: [],
    cwd: settings.cwd,
    runtimeWorkspaceRoots: [settings.cwd],
    instructionSources: sources,
    approvalPolicy: settings.approvalPolicy,
    approvalsReviewer: settings.approvalsReviewer,
    sandbox: settings.sandboxPolicy,
    activePermissionProfile: settings.permissionProfile,
    reasoningEffort: settings.effort ?? null,
    multiAgentMode: "explicitRequestOnly",
  };
}

async function resumedAnswer(
  context: ThreadsContext,
  thread: Thread,
  params: ThreadResumeParams,
): Promise<ThreadResumeResponse> {
  const answer = await openedAnswer(context, thread);
  const { turns, items } = thread.index;
  return {
    ...answer,
    thread: { ...answer.thread, turns: params.excludeTurns === true ? [] : await viewTurns(turns, "full") },
    collaborationMode: thread.settings.collaborationMode,
    initialTurnsPage: await initialPage(thread, params),
    turnsBackwardsCursor: turns.length === 0 ? null : cursorAt(turns.length - 1, true),
    itemsBackwardsCursor: items.length === 0 ? null : cursorAt(items.length - 1, true),
  };
}

async function initialPage(
  thread: Thread,
  { initialTurnsPage: wanted }: ThreadResumeParams,
): Promise<TurnsPage | null> {
  if (wanted == null) return null;
  const { limit, sortDirection, itemsView } = wanted;
  const direction = sortDirection ?? "desc";
  const page = pageOf(thread.index.turns, { limit, direction }, PAGE_DEFAULT, PAGE_MAX);
  const { entries, nextCursor, backwardsCursor } = page;
  return { data: await viewTurns(entries, itemsView ?? "summary"), nextCursor, backwardsCursor };
}
