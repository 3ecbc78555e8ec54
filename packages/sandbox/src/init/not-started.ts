import type { MakeCall } from "./stage-calls.ts";
import type { StageData } from "./stage-data.ts";
import type { StageCall } from "./stage-image.ts";

const STDERR = 2n;
/** As other wrappers say that they failed themselves. */
const NOT_STARTED = 125n;

/** Say in one line why nothing was started. */
export function sayNotStarted(reason: string, call: MakeCall, data: StageData): StageCall {
  const line = Buffer.from(`holdfast: nothing was started: ${reason}\n`);
  return call("write", STDERR, data.bytes(line), BigInt(line.length));
}

/** End the program because nothing was started. */
export function endNotStarted(call: MakeCall): StageCall {
  return call("exit_group", NOT_STARTED);
}
