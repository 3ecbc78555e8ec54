import type { Clock } from "@holdfast/rpc";
import type { StepSnapshot } from "../../steps/step-snapshot.ts";
import type { TurnDiff } from "../tools/turn-diff.ts";
import type { TurnSettings } from "./thread-runtime.ts";
import type { TurnItems } from "./turn-items.ts";
import type { TurnPort } from "./turn-port.ts";

/** What a call of a tool is made in. */
export interface TurnScope {
  readonly port: TurnPort;
  readonly settings: TurnSettings;
  readonly items: TurnItems;
  /** What patches of the turn have changed. */
  readonly diff: TurnDiff;
  readonly step: StepSnapshot;
  readonly clock: Clock;
  /** Aborted when the turn is interrupted. */
  readonly signal: AbortSignal;
  /** The user wants nothing more of this turn. */
  interrupt(): void;
}
