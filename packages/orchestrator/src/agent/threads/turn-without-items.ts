import type { Turn } from "@holdfast/app-server-protocol";
import type { TurnEntry } from "../rollout/turn-index.ts";

/** A turn as it is told of before it has begun. */
export function beginningTurn(id: string): Turn {
  return {
    id,
    rootTurnId: id,
    items: [],
    itemsView: "notLoaded",
    status: "inProgress",
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
  };
}

/** A turn of the index, without its items. */
export function turnWithoutItems({ items: _, ...entry }: TurnEntry): Turn {
  return { ...entry, rootTurnId: entry.id, items: [], itemsView: "notLoaded" };
}
