import { InputBudget, type InputLimits } from "../../src/process/index.ts";

const MIB = 1_048_576;
const TIGHT: InputLimits = {
  maxQueuedWrites: 1,
  maxWaitingWrites: 1,
  maxRememberedWriteIds: 1,
  maxQueuedInputBytes: 8 * MIB,
  maxHeldInputBytes: 64 * MIB,
};

/** What a process needs for its standard input, with a budget of its own unless told. */
export function newInput(limits: Partial<InputLimits> = {}, inputBudget = new InputBudget(256 * MIB)) {
  return { input: { ...TIGHT, ...limits }, inputBudget };
}
