import type { HoldfastWatchEvent, HoldfastWatchEventsNotice } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { abortedCall } from "../abortable.ts";
import { asFileCall } from "../errors/file-call.ts";
import { FileError } from "../errors/file-error.ts";
import { randomUuid } from "../random-uuid.ts";
import type { EntryCall } from "./entry-port.ts";
import { checkToldPath } from "./told-names.ts";
import { WatchQueue } from "./watch-queue.ts";
import type { FileWatch, WatchEvent } from "./watch-types.ts";

/** What watching needs of its session. */
export interface WatchSession {
  readonly stub: Pick<ExecServerClient, "holdfast" | "on">;
  /** The connection there is, or the next one. */
  line(
    method: string,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly lost: Promise<unknown> }>;
}

const METHOD = "holdfast/watch";
const NOTICE = "holdfast/watchEvents";

/** Watch by an executor with the capability `holdfastWatch`. */
export function watchOnExecutor(
  session: WatchSession,
  path: PathUri,
  { recursive, ...call }: EntryCall & { readonly recursive: boolean },
): FileWatch {
  const { stub } = session;
  const { signal, sandbox } = call;
  const watchId = randomUuid();
  const params = { watchId, path, recursive, ...(sandbox === undefined ? {} : { sandbox }) };
  const stopped = new AbortController();
  const queue = new WatchQueue(async () => {
    stopped.abort();
    unsubscribe();
    signal?.removeEventListener("abort", onAbort);
    await stub.holdfast.unwatch({ watchId }).catch(() => {});
  });
  const unsubscribe = stub.on(NOTICE, (notice) => {
    if (notice.watchId !== watchId) return;
    try {
      take(queue, notice, path);
    } catch (error) {
      queue.fail(error);
    }
  });
  const onAbort = (): void => {
    if (signal !== undefined) queue.fail(abortedCall(call.method, "unknown", signal));
  };
  if (signal?.aborted) onAbort();
  else {
    signal?.addEventListener("abort", onAbort, { once: true });
    follow(session, params, queue, stopped.signal).catch((error: unknown) => queue.fail(error));
  }
  return queue;
}

/** A watch outlives its connection; the next one has to ask for it, and what was on its way is lost. */
async function follow(
  session: WatchSession,
  params: { readonly watchId: string; readonly path: PathUri; readonly recursive: boolean },
  queue: WatchQueue,
  stopped: AbortSignal,
): Promise<void> {
  const { promise: isStopped, resolve } = Promise.withResolvers<void>();
  stopped.addEventListener("abort", () => resolve(), { once: true });
  for (let lines = 0; !stopped.aborted; lines += 1) {
    const line = await session.line(METHOD, { signal: stopped });
    const about = { method: "fs.watch", path: displayPath(params.path) } as const;
    await asFileCall(about, () => session.stub.holdfast.watch(params));
    if (lines === 0) queue.begin();
    else queue.add({ type: "overflow" });
    await Promise.race([line.lost, isStopped]);
  }
}

function take(queue: WatchQueue, { events, end }: HoldfastWatchEventsNotice, path: PathUri): void {
  for (const [index, event] of events.entries()) {
    for (const member of ["path", "from"] as const) {
      const told = { method: NOTICE, part: "params", member: ["events", index, member] } as const;
      const about = event[member];
      if (about !== undefined && about !== null) checkToldPath(about, path, told);
    }
    queue.add(eventOf(event));
  }
  if (end === undefined || end === null) return;
  if (end === "removed") queue.finish();
  else {
    const shown = displayPath(path);
    queue.fail(
      new FileError(`watching ended: ${end}, fs.watch '${shown}'`, {
        code: "refused",
        method: "fs.watch",
        path: shown,
      }),
    );
  }
}

function eventOf({ type, path, from }: HoldfastWatchEvent): WatchEvent {
  // What an event is about can not be told without its paths.
  if (type === "overflow" || path === undefined || path === null) return { type: "overflow" };
  const place = { path: displayPath(path), uri: path };
  if (type !== "renamed") return { type, ...place };
  if (from === undefined || from === null) return { type: "created", ...place };
  return { type, ...place, from: displayPath(from), fromUri: from };
}
