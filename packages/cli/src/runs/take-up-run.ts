import { type Executor, isRemoteError, type RunningProcess, UnknownProcessError } from "@holdfast/exec-client";
import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { type OpenExecutor, type OpenRemoteOptions, openRemote } from "../executor/open-executor.ts";
import type { RemoteContext } from "../executor/remote-context.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import type { RunPlace } from "./find-run.ts";
import { FRAMED_RUN_PROCESS_ID, RUN_PROCESS_ID } from "./run-process-id.ts";

/** Why a run could not be taken up. */
export class RunUnavailable extends CommandFailure {
  /** `gone`: its session or process is no more. `elsewhere`: another client is attached to it. */
  readonly why: "gone" | "elsewhere";

  constructor(why: RunUnavailable["why"], message: string, cause: unknown) {
    super(message, { cause });
    this.why = why;
  }
}

/** A run that this program is attached to. Disposing leaves it running. */
export interface TakenUpRun extends OpenExecutor {
  readonly process: RunningProcess;
}

/**
 * Take up a run that was left running.
 *
 * @throws RunUnavailable it is no more, or another client is attached. @throws CommandFailure the executor can not be
 * reached, or is none.
 */
export async function takeUpRun(
  context: RemoteContext,
  { id, url, credentials }: RunPlace,
  options: Omit<OpenRemoteOptions, "credentials" | "resumeSessionId">,
): Promise<TakenUpRun> {
  let opened: OpenExecutor | undefined;
  try {
    opened = await openRemote(context, url, { ...options, credentials, resumeSessionId: id });
    const process = await attachRun(opened.executor, options.signal);
    return { ...opened, process };
  } catch (error) {
    await opened?.[Symbol.asyncDispose]();
    // A signal to this program says better what happened than the call that it ended.
    const interruption: unknown = options.signal?.aborted ? options.signal.reason : undefined;
    throw interruption instanceof CommandFailure ? interruption : failureOf(error, { id, url });
  }
}

async function attachRun({ processes }: Executor, signal: AbortSignal | undefined): Promise<RunningProcess> {
  try {
    return await processes.attach(RUN_PROCESS_ID, { signal });
  } catch (error) {
    if (!(error instanceof UnknownProcessError)) throw error;
    return await processes.attach(FRAMED_RUN_PROCESS_ID, { signal });
  }
}

function failureOf(error: unknown, { id, url }: RunPlace): Error {
  if (error instanceof CommandFailure) return error;
  const refusal = isRemoteError(error) ? error.code : undefined;
  if (refusal === ERROR_CODES.SessionAttached) {
    const text = `another client is attached to run ${id} on ${shownExecutor(url)}; one client at a time, try again when it is gone`;
    return new RunUnavailable("elsewhere", text, error);
  }
  if (refusal === ERROR_CODES.InvalidRequest || error instanceof UnknownProcessError) {
    const why = "it never was there, or was left alone for longer than `serve --session-ttl` allows";
    return new RunUnavailable("gone", `${shownExecutor(url)} has no run ${id}: ${why}`, error);
  }
  return new CommandFailure(`cannot take up run ${id} on ${shownExecutor(url)}: ${reasonOf(error)}`, { cause: error });
}
