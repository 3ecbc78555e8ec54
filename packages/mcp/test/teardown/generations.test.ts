import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { isMcpError, type McpServerConfig, type McpServers } from "../../src/index.ts";
import { Places } from "../support/places.ts";
import { collectGarbage, commandOf, descriptorCount, residentBytes, zombiesOf } from "../support/process-figures.ts";
import { mcpServers } from "../support/servers.ts";
import { living, notes, type StubMode, stub } from "../support/stub.ts";

const MODES: readonly StubMode[] = ["good", "family", "daemon", "stubborn", "silent", "floods", "garbage", "exits"];
const HEALTHY = ["good", "family", "daemon", "stubborn", "floods"];
/** How long a server may take to end, and what a busy machine may take for that, milliseconds. */
const END_MS = 2_000;
const MARGIN_MS = 3_000;
/** Rounds of the shortest form, and of each the part after which nothing may grow any more. */
const FEW = 25;
const WARM_UP_SHARE = 0.2;
const WARM_UP_MAX = 40;
/** Generations that may be ending at a time: what is measured is how a generation ends, not how many a busy machine ends at once. */
const ENDING_MAX = 12;
/** Of 160 rounds, each of which brings a server that writes 1 MiB: what a heap is not to grow by, and what another process may have had from the system meanwhile. */
const HEAP_MARGIN_BYTES = 16 * 2 ** 20;
const RESIDENT_MARGIN_BYTES = 96 * 2 ** 20;

const PLACES = ["local", "far"] as const;

/** Servers of one place, and the file that they write their processes to. */
interface Stage extends AsyncDisposable {
  readonly servers: McpServers;
  readonly environments: Places;
  readonly pids: string;
  readonly executorPid: number;
  set(label: string): readonly McpServerConfig[];
}

async function stage(environmentId: (typeof PLACES)[number]): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await tempDir());
  const environments = stack.use(new Places());
  const pids = folder.join("pids");
  let executorPid = process.pid;
  if (environmentId === "local") await environments.embed();
  else executorPid = (await environments.serve()).child.pid ?? 0;
  const servers = stack.use(mcpServers({ environments }));
  const set = (label: string): readonly McpServerConfig[] =>
    MODES.map((mode) => stub(mode, { pids, label, environmentId, startupTimeoutMs: 60_000 }));
  return { servers, environments, pids, executorPid, set, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Fails as soon as a process of a label lives that was replaced for longer than it may. */
class Replaced {
  readonly #pids: string;
  readonly #sinceMs = new Map<string, number>();

  constructor(pids: string) {
    this.#pids = pids;
  }

  add(label: string): void {
    this.#sinceMs.set(label, performance.now());
  }

  /** Those that live though they should not, and for how long they were to be gone. */
  overdue(): readonly string[] {
    const now = performance.now();
    const late = [...this.#sinceMs].flatMap(([label, sinceMs]) => (now - sinceMs > END_MS + MARGIN_MS ? label : []));
    const alive = living(this.#pids, (label) => late.includes(label));
    // Nothing of them comes back: they are looked at no more.
    if (alive.length === 0) for (const label of late) this.#sinceMs.delete(label);
    return alive.map((pid) => `${pid} ${commandOf(pid)} (${Math.round(now - Math.min(...this.#sinceMs.values()))} ms)`);
  }

  /** Resolves when none lives. */
  async gone(): Promise<void> {
    await until(() => living(this.#pids, (label) => this.#sinceMs.has(label)).length === 0, {
      deadlineMs: END_MS + MARGIN_MS,
      what: () => `ended: ${living(this.#pids, (label) => this.#sinceMs.has(label))}`,
    });
  }
}

/** What must not grow: descriptors here and on the executor, and the memory of both. */
interface Figures {
  readonly descriptors: number;
  readonly executorDescriptors: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

function figures({ executorPid }: Stage): Figures {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    descriptors: descriptorCount(process.pid),
    executorDescriptors: descriptorCount(executorPid),
    heapBytes: heapUsed + arrayBuffers,
    residentBytes: residentBytes(executorPid),
  };
}

/** Resolves when nothing has grown: what was in use a moment ago may be let go of a moment later. */
async function untilFlat(at: Stage, before: Figures | undefined): Promise<void> {
  if (before === undefined) throw new Error("there were too few rounds");
  let grown: Partial<Figures> = {};
  await until(
    () => {
      const after = figures(at);
      grown = {
        descriptors: after.descriptors - before.descriptors,
        executorDescriptors: after.executorDescriptors - before.executorDescriptors,
        heapBytes: after.heapBytes - before.heapBytes,
        // One's own is told by the heap: what the system gave for garbage is not given back.
        residentBytes: at.executorPid === process.pid ? 0 : after.residentBytes - before.residentBytes,
      };
      const { descriptors = 0, executorDescriptors = 0, heapBytes = 0, residentBytes: resident = 0 } = grown;
      const isFlat = heapBytes < HEAP_MARGIN_BYTES && resident < RESIDENT_MARGIN_BYTES;
      return descriptors <= 0 && executorDescriptors <= 0 && isFlat;
    },
    { intervalMs: 200, what: () => `no more than before, but ${JSON.stringify(grown)}` },
  );
}

async function refreshes(count: number, environmentId: (typeof PLACES)[number]): Promise<void> {
  await using at = await stage(environmentId);
  const { servers, pids, executorPid } = at;
  const replaced = new Replaced(pids);
  const held: Promise<unknown>[] = [];
  const warmUp = Math.min(WARM_UP_MAX, Math.ceil(count * WARM_UP_SHARE));
  let before: Figures | undefined;
  const settled = () =>
    until(() => servers.processCount === MODES.length - 1, { deadlineMs: 2 * (END_MS + MARGIN_MS) });
  for (let round = 0; round < count; round += 1) {
    const manager = await servers.refresh(at.set(`${round}`));
    if (round > 0) replaced.add(`${round - 1}`);
    // A call that never returns refers to the client for as long as it lives.
    const call = manager.callTool("good", "hang", {}, { timeoutMs: 600_000 });
    held.push(call.catch((error: unknown) => error));
    await until(() => notes(pids).some(({ label, word }) => label === `${round}` && word === "hanging"));
    expect(replaced.overdue()).toEqual([]);
    await until(() => servers.processCount <= ENDING_MAX * MODES.length, { deadlineMs: 4 * (END_MS + MARGIN_MS) });
    if (round !== warmUp) continue;
    await replaced.gone();
    await settled();
    before = figures(at);
  }
  await replaced.gone();
  const ready = await Promise.all(HEALTHY.map((name) => servers.current.callTool(name, "pid", {})));
  const answered = ready.map(({ content }) => Number(content[0]?.type === "text" && content[0].text));
  // One process for each server that is well, what two of them started, and two that say nothing.
  expect(new Set(answered).size).toBe(HEALTHY.length);
  expect(living(pids)).toHaveLength(HEALTHY.length + 2 + 2);
  expect(living(pids, (label) => label === `${count - 1}`)).toEqual(living(pids));
  await settled();
  await untilFlat(at, before);
  await servers.shutdown();
  expect(living(pids)).toEqual([]);
  expect(servers.processCount).toBe(0);
  expect(zombiesOf(executorPid)).toEqual([]);
  const outcomes = await Promise.all(held);
  expect(outcomes.every(isMcpError)).toBe(true);
}

async function listings(count: number, environmentId: (typeof PLACES)[number]): Promise<void> {
  await using at = await stage(environmentId);
  const { environments, pids, executorPid } = at;
  const replaced = new Replaced(pids);
  const ends = new Set<Promise<void>>();
  const warmUp = Math.min(WARM_UP_MAX, Math.ceil(count * WARM_UP_SHARE));
  let before: Figures | undefined;
  for (let round = 0; round < count; round += 1) {
    const servers = mcpServers({ environments });
    const manager = await servers.refresh(at.set(`${round}`));
    await Promise.all(HEALTHY.map((name) => manager.callTool(name, "pid", {})));
    expect(manager.tools()).toHaveLength(2 * HEALTHY.length);
    const ending = servers.shutdown().then(() => void ends.delete(ending));
    ends.add(ending);
    replaced.add(`${round}`);
    expect(replaced.overdue()).toEqual([]);
    if (ends.size >= ENDING_MAX) await Promise.race(ends);
    if (round !== warmUp) continue;
    await Promise.all(ends);
    before = figures(at);
  }
  await Promise.all(ends);
  expect(living(pids)).toEqual([]);
  expect(zombiesOf(executorPid)).toEqual([]);
  await untilFlat(at, before);
}

describe.skipIf(process.platform !== "linux").each(PLACES)(
  "eight servers, good and bad, on the executor %s",
  (place) => {
    test(
      `leave nothing of a generation 2 s after it was replaced, ${FEW} times, while a call of each never returns`,
      { timeout: 120_000 },
      () => refreshes(FEW, place),
    );

    test("leave nothing of a generation 200 times", { timeout: 300_000, tags: "long" }, () => refreshes(200, place));

    test("leave nothing of a generation 1,000 times", { timeout: 1_500_000, tags: "soak" }, () =>
      refreshes(1_000, place),
    );

    test(`leave nothing when their tools are but listed, ${FEW} times`, { timeout: 120_000 }, () =>
      listings(FEW, place),
    );

    test("leave nothing when their tools are but listed, 200 times", { timeout: 300_000, tags: "long" }, () =>
      listings(200, place),
    );

    test("leave nothing when their tools are but listed, 1,000 times", { timeout: 1_500_000, tags: "soak" }, () =>
      listings(1_000, place),
    );

    test("are those from before after a refresh that fails, of which nothing is left", {
      timeout: 60_000,
    }, async () => {
      await using at = await stage(place);
      const { servers, pids } = at;
      const manager = await servers.refresh(at.set("kept"));
      await Promise.all(HEALTHY.map((name) => manager.callTool(name, "pid", {})));
      await until(() => living(pids).length === HEALTHY.length + 4);
      const kept = living(pids);
      for (let round = 0; round < 20; round += 1) {
        const doomed = at.set(`${round}`).map((config) => ({ ...config, required: config.name === "exits" }));
        await expect(servers.refresh(doomed)).rejects.toThrow(
          /^required MCP servers failed to initialize: exits: MCP client for `exits` failed to start: MCP startup failed: the server ended with exit code 3/,
        );
        expect(servers.current).toBe(manager);
      }
      await until(() => living(pids, (label) => label !== "kept").length === 0, { deadlineMs: END_MS + MARGIN_MS });
      // The one that never answers was starting, and gave way.
      expect(kept.filter((pid) => !living(pids).includes(pid))).toHaveLength(2);
    });
  },
);
