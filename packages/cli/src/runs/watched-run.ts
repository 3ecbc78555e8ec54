import { isRemoteError, isUnsupported, UnknownProcessError, type WatchedProcess } from "@holdfast/exec-client";
import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import type { OpenExecutor } from "../executor/open-executor.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import type { RunPlace } from "./find-run.ts";
import { FRAMED_RUN_PROCESS_ID, RUN_PROCESS_ID } from "./run-process-id.ts";

/**
 * The process of a run, without taking the run up.
 *
 * @param processId - Another one of its session.
 * @throws CommandFailure it is no more, or the executor can not do this.
 */
export async function watchedRun(
  { executor }: OpenExecutor,
  place: RunPlace,
  processId: string | undefined,
): Promise<WatchedProcess> {
  const sessionId = place.id;
  const shown = shownExecutor(place.url);
  try {
    if (processId !== undefined) return await executor.processes.watch({ sessionId, processId });
    const listed = await executor.processes.listShared({ sessionId });
    const run = listed.find(({ id }) => id === RUN_PROCESS_ID || id === FRAMED_RUN_PROCESS_ID);
    return await executor.processes.watch({ sessionId, processId: run?.id });
  } catch (error) {
    if (isUnsupported(error)) {
      const text = `${shown} lets one client at a time follow a run (it lacks ${error.lacks}); attach without --watch and --take-over when nobody else is`;
      throw new CommandFailure(text, { cause: error });
    }
    if (isRemoteError(error) && error.code === ERROR_CODES.InvalidRequest) {
      throw new CommandFailure(`${shown} has no run ${sessionId}, or no longer`, { cause: error });
    }
    const isChoice =
      error instanceof UnknownProcessError ||
      (error instanceof Error && "code" in error && error.code === "invalid-argument");
    throw isChoice ? new CommandFailure(`${reasonOf(error)}; --process takes one`, { cause: error }) : error;
  }
}
