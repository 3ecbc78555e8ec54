import type { Clock, Peer } from "@holdfast/rpc";
import { descendantsEnded } from "./guardian/index.ts";
import type { Services } from "./services.ts";
import type { Connection } from "./session/connection.ts";

/** How connections are closed when the next program takes over: clients resume their sessions. */
export const EXECUTOR_REPLACED = { code: 1012, reason: "the executor is replaced by the next program" } as const;

/** Starts get this long. */
const STARTS_MS = 2_000;
/** Other calls that run get this long to be answered. Writes that wait for their process are handed over. */
const CALLS_MS = 500;
/** What was written to clients gets this long to be taken by them. */
const LINES_MS = 1_000;
/** A client gets this long to end its connection. */
const CLOSE_MS = 300;
/** What goes on beside the sessions gets this long. */
const REST_MS = 2_000;
const LOOK_EVERY_MS = 2;
/** How long the output of a session waits for its client when nothing came of the replacement. */
const HOLD_MS = 10_000;

/** What an executor can not hand over now, in words. */
export class NotReplaceable extends Error {
  override readonly name = "NotReplaceable";
}

/**
 * Let go of all connections, so that nothing is under way: running calls are answered, output waits in its pipes, and what clients
 * were sent has reached them, as far as they take it in time.
 *
 * @returns lets output go on when clients have had the time to come back.
 * @throws NotReplaceable when something can't be handed over; connections that were held go on then.
 */
export async function suspendLines(
  services: Services,
  lines: ReadonlyMap<Peer, Connection>,
  cut: (peer: Peer) => void,
): Promise<() => void> {
  const { clock, confinement, sessions } = services;
  checkBoundRuns(services);
  const peers = [...lines.keys()];
  const holds = peers.map((peer) => peer.hold());
  const held = sessions.all().filter(({ state }) => state.kind === "attached");
  const releases = held.map((session) => session.holdForReplacement());
  for (const connection of lines.values()) connection.polls.releaseAll();
  for (const session of held) session.listeners.release();
  await until(clock, STARTS_MS, () => !isStarting(services) && confinement.unsettledRuns === 0);
  await until(clock, CALLS_MS, () => peers.every(({ runningCalls }) => runningCalls === 0));
  try {
    if (isStarting(services)) throw new NotReplaceable("a command is still being started");
    checkBoundRuns(services);
  } catch (thrown) {
    for (const release of releases) release();
    for (const hold of holds) hold[Symbol.dispose]();
    throw thrown;
  }
  await until(clock, LINES_MS, () => peers.every(({ queuedBytes }) => queuedBytes === 0));
  const ends = [...lines].map(async ([peer, connection]) => {
    peer.close(EXECUTOR_REPLACED.reason, EXECUTOR_REPLACED.code);
    await within(clock, CLOSE_MS, peer.closed);
    cut(peer);
    // What it still does with files may wait for a disk that does not answer.
    await within(clock, REST_MS, connection.end());
  });
  for (const hold of holds) hold[Symbol.dispose]();
  await Promise.all(ends);
  const rest = sessions.all().flatMap(({ staging, archives }) => [staging.letGo(), archives.letGo()]);
  await within(clock, REST_MS, Promise.all([...rest, sessions.left(), descendantsEnded()]));
  return () =>
    void clock.after(HOLD_MS, () => {
      for (const release of releases) release();
    });
}

function isStarting({ sessions }: Services): boolean {
  return sessions.all().some((session) => session.isStarting);
}

/** @throws NotReplaceable */
function checkBoundRuns({ confinement: { boundRuns } }: Services): void {
  if (boundRuns === 0) return;
  const what = boundRuns === 1 ? "a confined command has its" : `${boundRuns} confined commands have their`;
  throw new NotReplaceable(`${what} network proxy in this program; ask again when it has ended`);
}

/** Resolves when something is so, or time is up. */
async function until(clock: Clock, ms: number, isSo: () => boolean): Promise<void> {
  const end = clock.now() + ms;
  while (!isSo() && clock.now() < end) await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
}

/** Resolves when something is done, or time is up. */
function within(clock: Clock, ms: number, done: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, resolve);
    void done.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
