import type { ThreadItem, ThreadItemEntry, Turn, TurnItemsView } from "@holdfast/app-server-protocol";
import { readItems } from "../rollout/read-items.ts";
import { RolloutError } from "../rollout/rollout-error.ts";
import type { ItemEntry, TurnEntry } from "../rollout/turn-index.ts";
import { refused } from "./refusals.ts";
import { turnWithoutItems } from "./turn-without-items.ts";

/**
 * Turns with as much of their items as a view has: none, what was asked and answered, or all.
 *
 * @throws RpcFault - They are too large for one answer.
 */
export async function viewTurns(turns: readonly TurnEntry[], view: TurnItemsView): Promise<Turn[]> {
  const entries = turns.map((turn) => entriesOf(turn, view));
  const items = await readOrRefuse(entries.flat());
  return turns.map((turn, at) => ({
    ...turnWithoutItems(turn),
    items: (entries[at] ?? []).flatMap((entry) => items.get(entry) ?? []),
    itemsView: view,
  }));
}

/** Items with their turns. @throws RpcFault - They are too large for one answer. */
export async function viewItems(entries: readonly ItemEntry[]): Promise<ThreadItemEntry[]> {
  const items = await readOrRefuse(entries);
  return entries.flatMap((entry) => {
    const item = items.get(entry);
    const { turnId, startedAtMs, completedAtMs } = entry;
    return item === undefined ? [] : [{ turnId, item, startedAtMs, completedAtMs }];
  });
}

function entriesOf({ items }: TurnEntry, view: TurnItemsView): readonly ItemEntry[] {
  if (view === "notLoaded") return [];
  if (view === "full") return items;
  const first = items.find(({ type }) => type === "userMessage");
  const last = items.findLast(({ type }) => type === "agentMessage");
  return [first, last].filter((entry) => entry !== undefined);
}

async function readOrRefuse(entries: readonly ItemEntry[]): Promise<ReadonlyMap<ItemEntry, ThreadItem>> {
  try {
    return await readItems(entries);
  } catch (error) {
    throw error instanceof RolloutError ? refused(error.message) : error;
  }
}
