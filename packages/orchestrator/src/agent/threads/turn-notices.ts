import type { ServerNotices, ThreadItem, TurnError } from "@holdfast/app-server-protocol";
import type { TurnNotice, TurnPort } from "../turn/turn-port.ts";
import type { ActiveTurn } from "./active-turn.ts";
import type { Conversation } from "./conversation.ts";
import { messageOf } from "./message-of.ts";
import type { ThreadActivity } from "./thread-activity.ts";
import type { ThreadAudience } from "./thread-audience.ts";

export interface TurnNoticesParts {
  readonly conversation: Conversation;
  readonly audience: ThreadAudience;
  readonly activity: ThreadActivity;
  /** The turn that runs. */
  readonly active: () => ActiveTurn | undefined;
}

/** What turns tell and ask: it becomes a part of the conversation where it is one, and goes to who listens to the thread. */
export class TurnNotices {
  readonly #parts: TurnNoticesParts;
  /** When items began that are not complete, in milliseconds since 1970. */
  readonly #startedItems = new Map<string, number>();

  constructor(parts: TurnNoticesParts) {
    this.#parts = parts;
  }

  /** @param turn - Undefined: it has ended, or there never was one. */
  port(turnId: string, turn: ActiveTurn | undefined): TurnPort {
    const { conversation, audience, activity, active } = this.#parts;
    const { threadId } = conversation;
    return {
      threadId,
      turnId,
      get history() {
        return conversation.history;
      },
      record: (items) => conversation.record(items),
      compact: (message, history) => conversation.shorten(message, history),
      emit: (name, params) => {
        try {
          this.#emit(turnId, turn, name, params);
        } catch (error) {
          // Nobody waits for what goes on behind a turn.
          if (turn !== undefined && turn === active()) throw error;
          this.warn(`not all of what happens is kept: ${messageOf(error)}`);
        }
      },
      ask: (name, params, signal) => {
        const asked = { ...params, threadId, turnId } as never;
        const waiting = name === "item/tool/requestUserInput" ? "waitingOnUserInput" : "waitingOnApproval";
        return name === "item/tool/call"
          ? audience.ask(name, asked, signal)
          : activity.whileWaiting(waiting, () => audience.ask(name, asked, signal));
      },
      takeInput: () => turn?.takeInput() ?? [],
      onInput: (listener) => turn?.onInput(listener) ?? (() => {}),
    };
  }

  /** An error that is not followed by another try. */
  tellError(turnId: string, error: TurnError): void {
    const { conversation, audience, activity } = this.#parts;
    activity.fail();
    audience.notify("error", { threadId: conversation.threadId, turnId, error, willRetry: false });
    const payload = { type: "error", message: error.message, codex_error_info: "other" };
    try {
      conversation.keep([{ type: "event_msg", payload }]);
    } catch {
      // The disk may be what has failed.
    }
  }

  warn(message: string): void {
    const { conversation, audience } = this.#parts;
    audience.notify("warning", { threadId: conversation.threadId, message });
  }

  /** A turn is over: what it began and did not complete has no more to tell. */
  endTurn(): void {
    this.#startedItems.clear();
  }

  #emit<Name extends TurnNotice>(turnId: string, turn: ActiveTurn | undefined, name: Name, params: object): void {
    const { conversation, audience } = this.#parts;
    const told = { ...params, threadId: conversation.threadId, turnId } as unknown as ServerNotices[Name];
    switch (name) {
      case "item/started":
        this.#itemStarted(told as ServerNotices["item/started"]);
        return;
      case "item/completed":
        this.#itemCompleted(turn, told as ServerNotices["item/completed"]);
        return;
      case "thread/tokenUsage/updated":
        conversation.countTokens((told as ServerNotices["thread/tokenUsage/updated"]).tokenUsage);
        break;
      case "error": {
        const { willRetry, error } = told as ServerNotices["error"];
        if (!willRetry) {
          if (turn !== undefined) turn.hasToldError = true;
          this.tellError(turnId, error);
          return;
        }
        break;
      }
    }
    audience.notify(name, told);
  }

  #itemStarted(params: ServerNotices["item/started"]): void {
    const { startedAtMs } = params;
    this.#startedItems.set(params.item.id, startedAtMs);
    this.#parts.audience.notify("item/started", {
      ...params,
      item: { ...params.item, startedAtMs, completedAtMs: null } as ThreadItem,
    });
  }

  #itemCompleted(turn: ActiveTurn | undefined, params: ServerNotices["item/completed"]): void {
    const { conversation, audience } = this.#parts;
    const { completedAtMs, turnId } = params;
    const { id } = params.item;
    const startedAtMs = this.#startedItems.get(id) ?? params.item.startedAtMs ?? completedAtMs;
    const item = { ...params.item, startedAtMs, completedAtMs } as ThreadItem;
    this.#startedItems.delete(id);
    if (item.type === "agentMessage" && turn !== undefined) turn.lastMessage = item;
    conversation.addItem(turnId, item, [startedAtMs, completedAtMs]);
    audience.notify("item/completed", { ...params, item, contentTokenCount: null });
  }
}
