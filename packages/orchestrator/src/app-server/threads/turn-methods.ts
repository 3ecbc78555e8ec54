import { ERROR_CODES, TURN_INPUT_MAX_CHARACTERS, type UserInput } from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import type { ResponseItem } from "../../agent/model/response-item.ts";
import { checkEnvironments, usableTable } from "../../agent/threads/first-settings.ts";
import { checkPolicy, permissionsOfProfile } from "../../agent/threads/permission-presets.ts";
import { refused } from "../../agent/threads/refusals.ts";
import type { Thread } from "../../agent/threads/thread.ts";
import type { SettingsChange } from "../../agent/threads/thread-settings.ts";
import { profilePlace } from "../../permissions/profile-place.ts";
import { isRecord } from "../../steps/is-record.ts";
import type { HostServices } from "../host-services.ts";
import type { Room } from "../room.ts";
import { PendingChanges } from "./pending-changes.ts";
import { loadedThread, type ThreadsContext } from "./threads-context.ts";

/** Have turns run, and end. */
export function turnMethods(context: ThreadsContext): Room["handlers"] {
  const changes = new PendingChanges();
  return {
    "turn/start": (params, call) => {
      const thread = loadedThread(context, params.threadId);
      checkInput(params.input);
      return changes.after(thread, changeOf(context, thread, params), (change) => {
        thread.changeSettings(change);
        const { input, clientUserMessageId, outputSchema } = params;
        const { turn, begin } = thread.startTurn({
          input,
          clientId: clientUserMessageId ?? undefined,
          outputSchema: outputSchema ?? undefined,
        });
        call.afterAnswer(begin);
        return { turn };
      });
    },

    "turn/steer": ({ threadId, input, clientUserMessageId, expectedTurnId }) => {
      const thread = loadedThread(context, threadId);
      checkInput(input);
      return { turnId: thread.steer({ input, clientId: clientUserMessageId ?? undefined }, expectedTurnId) };
    },

    "turn/interrupt": ({ threadId, turnId }, call) => {
      const interrupt = loadedThread(context, threadId).interruption(turnId);
      call.afterAnswer(interrupt);
      return {};
    },

    "turn/settings/update": (params) => {
      const thread = loadedThread(context, params.threadId);
      if (thread.activeTurn?.id !== params.turnId) throw refused("no active turn to update");
      return changes.after(thread, changeOf(context, thread, params), (change) => {
        thread.changeSettings(change);
        return {} as never;
      });
    },

    "thread/settings/update": (params) => {
      const thread = loadedThread(context, params.threadId);
      return changes.after(thread, changeOf(context, thread, params), (change) => {
        thread.changeSettings(change);
        return {};
      });
    },

    "thread/compact/start": ({ threadId }, call) => {
      const thread = loadedThread(context, threadId);
      call.afterAnswer(thread.compaction());
      return {};
    },

    "thread/shellCommand": ({ threadId, command }, call) => {
      const thread = loadedThread(context, threadId);
      if (command.trim() === "") throw refused("command must not be empty");
      call.afterAnswer(thread.shellCommand(command));
      return {};
    },

    "thread/inject_items": ({ threadId, items }) => {
      const thread = loadedThread(context, threadId);
      thread.inject(items.filter(isResponseItem));
      return {};
    },

    "thread/backgroundTerminals/list": ({ threadId }) => ({
      data: loadedThread(context, threadId)
        .backgroundTerminals()
        .map((terminal) => ({
          ...terminal,
          processId: String(terminal.processId),
          osPid: null,
          cpuPercent: null,
          rssKb: null,
        })),
      nextCursor: null,
    }),

    "thread/backgroundTerminals/terminate": async ({ threadId, processId }) => ({
      terminated: await loadedThread(context, threadId).endBackgroundTerminal(Number(processId)),
    }),

    "thread/backgroundTerminals/clean": ({ threadId }, call) => {
      const thread = loadedThread(context, threadId);
      call.afterAnswer(() => void thread.endBackgroundTerminals().catch(() => {}));
      return {};
    },
  };
}

/** A change of settings as clients ask for it. */
interface WantedChange extends Omit<SettingsChange, "permissionProfile" | "profile"> {
  readonly permissions?: string | null | undefined;
}

function changeOf(
  { services }: ThreadsContext,
  thread: Thread,
  wanted: WantedChange,
): SettingsChange | Promise<SettingsChange> {
  const { environments, permissions, sandboxPolicy } = wanted;
  if (environments != null) checkEnvironments(services.environments, environments);
  if (sandboxPolicy != null) checkPolicy(sandboxPolicy);
  if (permissions == null) return wanted;
  if (sandboxPolicy != null) throw refused("`permissions` cannot be combined with `sandboxPolicy`");
  return profileChange(services, thread, wanted, permissions);
}

/** The profile as the configuration has it now. */
async function profileChange(
  { config, environments }: HostServices,
  { settings }: Thread,
  wanted: WantedChange,
  permissions: string,
): Promise<SettingsChange> {
  const cwd = wanted.cwd ?? settings.cwd;
  const [table, place] = await Promise.all([usableTable(config, settings.config, cwd), profilePlace(environments)]);
  return { ...wanted, ...permissionsOfProfile(permissions, table, { ...place, cwd }) };
}

function isResponseItem(item: unknown): item is ResponseItem {
  return isRecord(item) && typeof item.type === "string";
}

function checkInput(input: readonly UserInput[]): void {
  let characters = 0;
  for (const part of input) {
    if (part.type === "text") characters += [...(part as { readonly text: string }).text].length;
  }
  if (characters <= TURN_INPUT_MAX_CHARACTERS) return;
  throw new RpcFault(
    ERROR_CODES.InvalidParams,
    `Input exceeds the maximum length of ${TURN_INPUT_MAX_CHARACTERS} characters.`,
    {
      data: { input_error_code: "input_too_large", max_chars: TURN_INPUT_MAX_CHARACTERS, actual_chars: characters },
    },
  );
}
