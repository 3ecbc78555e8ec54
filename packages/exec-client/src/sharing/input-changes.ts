import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { isRemoteError } from "@holdfast/rpc";

const WAIT_MS = 10_000;

/**
 * Whether somebody else has taken the input of a process, now and whenever that changes, until it has ended.
 *
 * @param isOver - Whether the process has ended, or nobody will hear of that: one that has ended is answered for without a wait.
 */
export async function* inputChanges(
  stub: Pick<ExecServerClient, "holdfast">,
  processId: string,
  { isOver, signal }: { readonly isOver: () => boolean; readonly signal: AbortSignal | undefined },
): AsyncGenerator<boolean, void, void> {
  let known: boolean | undefined;
  while (!isOver()) {
    const asked = { processId, isTaken: known ?? false, waitMs: known === undefined ? 0 : WAIT_MS };
    try {
      const { isTaken } = await stub.holdfast.awaitInput(asked, { signal });
      if (isTaken === known) continue;
      known = isTaken;
    } catch (error) {
      // It was forgotten: it has ended.
      if (isRemoteError(error) && error.code === ERROR_CODES.InvalidRequest) return;
      throw error;
    }
    yield known;
  }
}
