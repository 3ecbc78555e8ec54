import { displayPath, type PathUri } from "@holdfast/path-uri";
import { type Clock, isLinkError } from "@holdfast/rpc";
import { abortedCall } from "../abortable.ts";
import type { EntryCall } from "./entry-port.ts";
import { type Place, placesBelow } from "./place-below.ts";
import { type FoundEntry, findOnExecutor } from "./remote-find.ts";
import type { RunProgram } from "./remote-script.ts";
import { WatchQueue } from "./watch-queue.ts";
import type { FileWatch, WatchEvent } from "./watch-types.ts";

/** How to look again and again. */
export interface PolledWatchOptions extends EntryCall {
  readonly recursive: boolean;
  readonly pollIntervalMs: number;
  readonly clock: Clock;
}

type Snapshot = ReadonlyMap<string, FoundEntry>;

/** Watch on an executor that tells nothing by itself: list everything every so often, and tell what is different. */
export function watchByPolling(run: RunProgram, path: PathUri, options: PolledWatchOptions): FileWatch {
  const { signal, method } = options;
  const stopped = new AbortController();
  const queue = new WatchQueue(async () => {
    stopped.abort();
    signal?.removeEventListener("abort", onAbort);
  });
  const onAbort = (): void => {
    if (signal !== undefined) queue.fail(abortedCall(method, "unknown", signal));
  };
  if (signal?.aborted) onAbort();
  else {
    signal?.addEventListener("abort", onAbort, { once: true });
    poll(run, path, { ...options, signal: stopped.signal }, queue).catch((error: unknown) => queue.fail(error));
  }
  return queue;
}

async function poll(run: RunProgram, path: PathUri, options: PolledWatchOptions, queue: WatchQueue): Promise<void> {
  const { pollIntervalMs, clock, signal } = options;
  const placeOf = placesBelow(path);
  let known = await snapshot(run, path, options);
  queue.begin();
  for (;;) {
    await pause(clock, pollIntervalMs, signal);
    if (signal?.aborted) return;
    const now = await lookAgain(run, path, options);
    if (now === undefined) continue;
    if (now === "removed") {
      queue.add({ type: "removed", path: displayPath(path), uri: path });
      return queue.finish();
    }
    for (const event of differences(known, now, placeOf)) queue.add(event);
    known = now;
  }
}

async function snapshot(run: RunProgram, path: PathUri, options: PolledWatchOptions): Promise<Snapshot> {
  const found = await findOnExecutor(run, path, options, options);
  return new Map(found.map((entry) => [entry.name, entry]));
}

/** Undefined: this time nothing could be seen, as the connection was lost. */
async function lookAgain(
  run: RunProgram,
  path: PathUri,
  options: PolledWatchOptions,
): Promise<Snapshot | "removed" | undefined> {
  try {
    return await snapshot(run, path, options);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "removed";
    if (isLinkError(error) && error.code === "closed" && error.delivery === "unknown") return undefined;
    throw error;
  }
}

/** What is the same file under another name has been renamed. */
function* differences(before: Snapshot, now: Snapshot, placeOf: (name: string) => Place): Generator<WatchEvent> {
  const gone = [...before.values()].filter(({ name }) => !now.has(name));
  const goneByIdentity = new Map(gone.map((entry) => [identityOf(entry), entry]));
  const renamed = new Set<string>();
  const come: WatchEvent[] = [];
  for (const entry of now.values()) {
    const old = before.get(entry.name);
    const place = placeOf(entry.name);
    if (old === undefined) {
      const from = goneByIdentity.get(identityOf(entry));
      if (from === undefined || renamed.has(from.name)) come.push({ type: "created", ...place });
      else {
        renamed.add(from.name);
        const { path, uri } = placeOf(from.name);
        come.push({ type: "renamed", ...place, from: path, fromUri: uri });
      }
    } else if (old.kind !== entry.kind || old.inode !== entry.inode) come.push({ type: "created", ...place });
    else if (hasChanged(old, entry)) come.push({ type: "changed", ...place });
  }
  for (const { name } of gone) if (!renamed.has(name)) yield { type: "removed", ...placeOf(name) };
  yield* come;
}

/** A number is given to the next file as soon as this one is gone; its time is not. */
function identityOf({ kind, inode, content }: FoundEntry): string {
  return `${kind} ${inode} ${content}`;
}

/** That something came or went in a folder is told of what did. */
function hasChanged(old: FoundEntry, { kind, content, changed }: FoundEntry): boolean {
  return kind !== "directory" && (old.content !== content || old.changed !== changed);
}

async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  const onAbort = (): void => resolve();
  signal?.addEventListener("abort", onAbort, { once: true });
  await promise;
  timer.cancel();
  signal?.removeEventListener("abort", onAbort);
}
