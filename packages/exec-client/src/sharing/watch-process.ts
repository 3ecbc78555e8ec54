import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { abortSignal, checkOptions, type OptionChecks, text } from "@holdfast/rpc/client";
import { InvalidArgumentError, UnknownProcessError } from "../errors.ts";
import { type ListedProcess, listPages } from "../process/list-processes.ts";
import type { SharingSession } from "./taken-input.ts";
import { WatchedProcess } from "./watched-process.ts";

/** Whose process to watch. */
export interface WatchTarget {
  /** Id of the session that it belongs to, as `executor.sessionId` says there. A secret: who has it may do anything with the session. */
  readonly sessionId: string;
  /** Default: the only one that the session has, or the only one that runs. */
  readonly processId?: string | undefined;
  /** Give up: rejects with `AbortError` or `TimeoutError`. */
  readonly signal?: AbortSignal | undefined;
}

const TARGET: OptionChecks<WatchTarget> = { sessionId: text, processId: text, signal: abortSignal };

/** See `Processes.watch`. */
export async function watchProcess(session: SharingSession, target: WatchTarget): Promise<WatchedProcess> {
  checkOptions(target, TARGET, "processes.watch");
  const { sessionId, processId } = target;
  const listed = await listSharedProcesses(session.stub, target);
  return new WatchedProcess({ sessionId, id: chosen(listed, processId) }, session);
}

/** See `Processes.listShared`. */
export function listSharedProcesses(
  stub: Pick<ExecServerClient, "holdfast">,
  { sessionId, signal }: Pick<WatchTarget, "sessionId" | "signal">,
): Promise<ListedProcess[]> {
  return listPages("holdfast/listShared", (after) => stub.holdfast.listShared({ ...after, sessionId }, { signal }));
}

function chosen(listed: readonly ListedProcess[], processId: string | undefined): string {
  if (processId !== undefined) {
    if (listed.some(({ id }) => id === processId)) return processId;
    throw new UnknownProcessError(processId);
  }
  const running = listed.filter(({ exitCode }) => exitCode === undefined);
  const [only, ...others] = running.length === 1 ? running : listed;
  if (only !== undefined && others.length === 0) return only.id;
  const ids = listed.map(({ id }) => id).join(", ");
  const message = `processId must name a process, the session has ${listed.length === 0 ? "none" : `several: ${ids}`}`;
  throw new InvalidArgumentError("processId", message);
}
