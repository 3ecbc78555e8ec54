import { pathUriFromNative } from "@holdfast/path-uri";
import { InputBudget, type InputLimits, type ProcessFacts } from "../../src/process/index.ts";

/** Of a process that nobody asks about. */
export const FACTS: ProcessFacts = {
  argv: [],
  isArgvCut: false,
  cwd: pathUriFromNative("/", "posix"),
  isTerminal: false,
  startedAtMs: 0,
};

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
