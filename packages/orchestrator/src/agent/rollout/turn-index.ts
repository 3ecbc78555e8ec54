import type { TurnError, TurnStatus } from "@holdfast/app-server-protocol";
import type { RecordPlace } from "./rollout-writer.ts";

/** An item of a thread, and where it is kept. */
export interface ItemEntry {
  readonly id: string;
  readonly type: string;
  readonly turnId: string;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  readonly place: RecordPlace;
}

/** A turn of a thread, without its items themselves. */
export interface TurnEntry {
  readonly id: string;
  readonly items: ItemEntry[];
  status: TurnStatus;
  error: TurnError | null;
  /** Unix seconds. */
  startedAt: number | null;
  completedAt: number | null;
  durationMs: number | null;
}

/** Turns and items of a thread in the order in which they came, by their places: a long thread costs no memory for what was said in it. */
export class TurnIndex {
  readonly turns: TurnEntry[] = [];
  readonly items: ItemEntry[] = [];
  readonly #byId = new Map<string, TurnEntry>();

  get(turnId: string): TurnEntry | undefined {
    return this.#byId.get(turnId);
  }

  /** The turn of this id; it is begun where there is none. */
  begin(id: string, startedAt: number | null): TurnEntry {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const turn: TurnEntry = {
      id,
      items: [],
      status: "inProgress",
      error: null,
      startedAt,
      completedAt: null,
      durationMs: null,
    };
    this.turns.push(turn);
    this.#byId.set(id, turn);
    return turn;
  }

  /** Take over a turn that begins. */
  adopt(turn: TurnEntry): TurnEntry {
    this.turns.push(turn);
    this.#byId.set(turn.id, turn);
    return turn;
  }

  add(item: ItemEntry): void {
    this.items.push(item);
    this.begin(item.turnId, null).items.push(item);
  }
}
