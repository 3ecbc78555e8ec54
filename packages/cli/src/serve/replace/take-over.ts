import { closeSync } from "node:fs";
import { duplicate } from "@holdfast/executor";
import { CommandFailure, reasonOf } from "../../command-line/failure.ts";
import { listen } from "../listen.ts";
import type { ServeParts, Serving } from "../serving.ts";
import { servingExecutor } from "../serving-executor.ts";
import { type HandedProgram, type HandedServing, handedServing } from "./handed-program.ts";
import type { HandoverRole } from "./handover-variable.ts";
import { becomeSuccessor } from "./replacement.ts";

/**
 * Go on where another program in this very process stopped. One that can't gives all of it back.
 *
 * @throws CommandFailure there is no way back: what runs in it ends with this process.
 */
export async function takeOver(
  parts: ServeParts,
  { state, refusal }: Extract<HandoverRole, { kind: "successor" }>,
): Promise<Serving> {
  const handed = handedServing(state);
  const { url, requestId } = handed.program;
  const serving = await adopted(parts, handed, refusal === undefined);
  if (refusal !== undefined) parts.log.warn(`the next program could not go on, and this one is back: ${refusal}`);
  parts.registration.serving(url, requestId === undefined ? undefined : { id: requestId, refusal });
  closeSync(state);
  return serving;
}

async function adopted(parts: ServeParts, handed: HandedServing, hasWayBack: boolean): Promise<Serving> {
  const { settings, context, place, log, ownFiles, secretPlaces, onSessionCount } = parts;
  const { program } = handed;
  const giveBack = (error: unknown, state: number, descriptors: readonly number[]): CommandFailure => {
    const reason = reasonOf(error);
    const failed = hasWayBack ? becomeSuccessor(program.predecessor, state, descriptors, reason) : "that was tried";
    return new CommandFailure(
      `this program can't go on with what ran in the one before: ${reason}; nor can that: ${failed}`,
    );
  };
  // Whoever listens owns its descriptor, and closes it where that fails.
  const listener = duplicate(program.listener) ?? program.listener;
  const executor = (() => {
    try {
      return servingExecutor(settings, place, log, { handed, ownFiles, secretPlaces, onSessionCount });
    } catch (error) {
      throw giveBack(error, handed.state, [handed.state, ...program.descriptors]);
    }
  })();
  try {
    const listening = await listen(settings, { executor, context, log, listener });
    if (listener !== program.listener) closeSync(program.listener);
    return { executor, listening };
  } catch (error) {
    const suspended = await executor.suspend();
    const again = (all: readonly number[]): HandedProgram => ({ ...program, descriptors: [...all, program.listener] });
    const { state, descriptors } = suspended.handOver(again);
    throw giveBack(error, state, [...descriptors, program.listener]);
  }
}
