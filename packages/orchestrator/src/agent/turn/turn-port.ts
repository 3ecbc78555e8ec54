import type { ServerNotices, ServerRequests, UserInput } from "@holdfast/app-server-protocol";
import type { ResponseItem } from "../model/response-item.ts";

/** What the thread adds to every notice of a turn. */
type OfTurn = "threadId" | "turnId";

/** Each kind of a question or a notice keeps its own members. */
type WithoutTurn<Params> = Params extends unknown ? Omit<Params, OfTurn> : never;

/** The notices by which a turn tells what happens in it: those about items, deltas, plans, diffs, tokens and errors. */
export type TurnNotice = Extract<
  keyof ServerNotices,
  `item/${string}` | "turn/diff/updated" | "turn/plan/updated" | "thread/tokenUsage/updated" | "error" | "warning"
>;

/** A request to whoever sits in front of a client. */
export type TurnQuestion = Extract<keyof ServerRequests, `item/${string}` | "mcpServer/elicitation/request">;

/** What was said while the turn ran. */
export interface TurnInput {
  readonly content: readonly UserInput[];
  readonly clientId: string | undefined;
}

/**
 * What a turn has of its thread: its conversation, and the ways out to clients. The thread keeps it, writes it down and tells it to its
 * subscribers; the turn knows of none of them.
 */
export interface TurnPort {
  readonly threadId: string;
  readonly turnId: string;
  /** The conversation so far, as it is sent to a model. */
  readonly history: readonly ResponseItem[];
  /** Add to the conversation, in this order. On disk before it resolves, where the thread is kept there. */
  record(items: readonly ResponseItem[]): void;
  /** Put a shorter conversation in the place of the whole. @param message - The summary. */
  compact(message: string, history: readonly ResponseItem[]): void;
  /** Tell the clients. An `item/completed` is also kept as a part of the turn. */
  emit<Name extends TurnNotice>(name: Name, params: WithoutTurn<ServerNotices[Name]>): void;
  /**
   * Ask the clients. The first answer counts; it is asked again of those that come later.
   *
   * @param signal - Withdraws the question.
   * @throws The reason of `signal`.
   */
  ask<Name extends TurnQuestion>(
    name: Name,
    params: WithoutTurn<ServerRequests[Name]["params"]>,
    signal: AbortSignal,
  ): Promise<ServerRequests[Name]["result"]>;
  /** What was said since the last time it was asked. */
  takeInput(): readonly TurnInput[];
  /** Called when something was said: a request to a model that is under way is cut, and made anew with it. @returns what ends that. */
  onInput(listener: () => void): () => void;
}

/** How a turn ends. `failed`: after an `error` notice that says why. */
export type TurnOutcome =
  | { readonly status: "completed" | "interrupted" }
  | { readonly status: "failed"; readonly error: ServerNotices["error"]["error"] };
