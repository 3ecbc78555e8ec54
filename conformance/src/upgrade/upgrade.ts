import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Executor, type ExecutorState } from "@holdfast/exec-client";
import { until } from "@holdfast/testkit";
import { endChild, ownChild } from "../owned.ts";
import { HOLDFAST_BIN } from "../places.ts";
import type { ServedExecutor } from "../served-executor.ts";
import { pause } from "../soak/pause.ts";
import { type Usage, usageOf } from "../soak/process-table.ts";
import { Watchdog } from "../soak/watchdog.ts";
import { ENDLESS_KINDS, endlessProgram } from "./endless-programs.ts";
import type { UpgradeOptions } from "./options.ts";
import { WatchedProcess } from "./watched-process.ts";

export interface UpgradeResult {
  readonly times: number;
  /** Milliseconds of each session's outages. */
  readonly pausesMs: readonly number[];
  /** Milliseconds that `serve --replace` took, each time. */
  readonly replacementsMs: readonly number[];
  readonly receivedBytes: number;
  readonly before: Usage;
  readonly after: Usage;
  /** One line per promise that was not kept. */
  readonly failures: readonly string[];
}

const SESSIONS = 4;
const SILENCE_MS = 60_000;
const START_MS = 120_000;
const BETWEEN_MS = 300;
const BYTES = 200_000;
const SETTLE_MS = 10_000;
/** A socket that is about to go. */
const MAX_FD_GROWTH = 8;

/** Replace an executor under running processes. @param env - As it was started with. */
export async function upgrade(
  served: ServedExecutor,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  { times, processes }: Pick<UpgradeOptions, "times" | "processes">,
  progress: (replacements: number, receivedBytes: number) => void = () => {},
): Promise<UpgradeResult> {
  const stopFile = join(folder, "stop");
  const bytesFile = join(folder, "bytes");
  await writeFile(bytesFile, randomBytes(BYTES));
  const pausesMs: number[] = [];
  const executors = await sessionsTo(served.url, pausesMs);
  const ends = new Set<string>();
  for (const { closed } of executors) void closed.then(({ reason }) => ends.add(reason));
  let replaced = 0;
  let isStopped = false;
  const watched = Array.from({ length: processes }, (_, n) => {
    const kind = ENDLESS_KINDS[n % ENDLESS_KINDS.length] ?? "lines";
    return new WatchedProcess(endlessProgram(kind), { folder, stopFile, bytesFile, name: `${n}-${kind}` });
  });
  const bytes = (): number => watched.reduce((sum, each) => sum + each.bytes, 0);
  const describe = (): string => watched.map((each) => each.describe()).join("\n  ");
  using watchdog = new Watchdog(SILENCE_MS, () => ({ mark: `${replaced} ${bytes()}`, dump: describe }));
  const verdicts: Promise<readonly string[]>[] = [];
  try {
    for (const [n, each] of watched.entries()) {
      const executor = executors[n % executors.length];
      if (executor !== undefined) verdicts.push(holding(each.start(executor, () => isStopped)));
    }
    const silent = (): readonly WatchedProcess[] => watched.filter((each) => each.bytes === 0);
    await until(() => silent().length === 0, { deadlineMs: START_MS, intervalMs: 50 }).catch(async (cause: unknown) => {
      const settled = await Promise.all(verdicts.map((each) => Promise.race([each, Promise.resolve([])])));
      const reasons = [...settled.flat(), ...silent().map((each) => each.describe())].join("\n  ");
      throw new Error(`not every process has begun to print:\n  ${reasons}`, { cause });
    });
    const before = await usageOf(served.pid);
    const replacementsMs: number[] = [];
    const failures: string[] = [];
    for (; replaced < times; replaced += 1) {
      const startMs = performance.now();
      failures.push(...(await replace(served.url, env)));
      replacementsMs.push(performance.now() - startMs);
      await watchdog.guard(pause(BETWEEN_MS));
      await healed(executors, ends);
      progress(replaced + 1, bytes());
    }
    const after = await settledUsage(served.pid, before);
    isStopped = true;
    await writeFile(stopFile, "");
    failures.push(...(await watchdog.guard(Promise.all(verdicts))).flat(), ...leakedFds(before, after));
    return { times, pausesMs, replacementsMs, receivedBytes: bytes(), before, after, failures };
  } finally {
    for (const executor of executors) await executor.close();
  }
}

/** Wait for the clients: an executor is not replaced again before they are back. @throws Error when one can't come back. */
async function healed(executors: readonly Executor[], ends: ReadonlySet<string>): Promise<void> {
  const isOver = (): boolean => ends.size > 0 || executors.every(({ state }) => state === "connected");
  await until(isOver, { deadlineMs: SILENCE_MS, what: "healed sessions" });
  if (ends.size > 0) throw new Error(`a session was lost: ${[...ends].join("; ")}`);
}

/** A promise inside a promise is not one that is awaited twice. */
async function holding(starting: Promise<Promise<readonly string[]>>): Promise<readonly string[]> {
  try {
    return await await starting;
  } catch (error) {
    return [`a start failed: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Half of them share one connection for all processes. */
function sessionsTo(url: string, pausesMs: number[]): Promise<Executor[]> {
  return Promise.all(
    Array.from({ length: SESSIONS }, (_, n) => {
      let brokenAtMs: number | undefined;
      const onStateChange = (state: ExecutorState): void => {
        if (state === "recovering") brokenAtMs ??= performance.now();
        if (state !== "connected" || brokenAtMs === undefined) return;
        pausesMs.push(performance.now() - brokenAtMs);
        brokenAtMs = undefined;
      };
      return connect(url, { processConnections: n % 2 === 0 ? "shared" : "own", onStateChange });
    }),
  );
}

/** Have an executor become its program anew. @returns what went wrong. */
export async function replace(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const args = [HOLDFAST_BIN, "serve", "--replace", "--listen", url];
  const child = ownChild(spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  const code = await promise;
  await endChild(child);
  return code === 0 && said === `${url}\n` ? [] : [`serve --replace: exit code ${code}: ${said.trim()}`];
}

/** Clients are back a moment later. */
async function settledUsage(pid: number, before: Usage): Promise<Usage> {
  const hasSettled = async (): Promise<boolean> => leakedFds(before, await usageOf(pid)).length === 0;
  await until(hasSettled, { deadlineMs: SETTLE_MS, intervalMs: 50 }).catch(() => {});
  return usageOf(pid);
}

function leakedFds(before: Usage, after: Usage): readonly string[] {
  if (before.fdCount === undefined || after.fdCount === undefined) return [];
  const message = `executor: ${after.fdCount} file descriptors at the end, ${before.fdCount} at the start`;
  return after.fdCount > before.fdCount + MAX_FD_GROWTH ? [message] : [];
}
