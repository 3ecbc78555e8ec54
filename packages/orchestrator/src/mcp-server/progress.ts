import type { Clock, Timer } from "@holdfast/rpc";
import type { ServerContext } from "@modelcontextprotocol/server";

/** Milliseconds between two words that a call goes on. Clients give one up that is silent for a minute or so. */
export const PROGRESS_INTERVAL_MS = 10_000;

const MS_PER_SECOND = 1_000;

/** Tell the client of a call that it goes on, where it wants to know, until the result is disposed of. */
export function tellProgress({ mcpReq }: ServerContext, clock: Clock): Disposable {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { [Symbol.dispose]: () => {} };
  const begunAt = clock.now();
  let timer: Timer | undefined;
  const tellLater = (): void => {
    timer = clock.after(PROGRESS_INTERVAL_MS, () => {
      const progress = Math.round((clock.now() - begunAt) / MS_PER_SECOND);
      const params = { progressToken, progress, message: `${progress} s` };
      // Who can not be told is gone, and the call with it.
      mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
      tellLater();
    });
  };
  tellLater();
  return { [Symbol.dispose]: () => timer?.cancel() };
}
