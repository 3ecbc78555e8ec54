import { join } from "node:path";
import { startHoldfastExecutor } from "../../holdfast-executor.ts";
import { seededRandom } from "../../soak/random.ts";
import { startParams } from "../../start-params.ts";
import { WireLine } from "../../wire-line.ts";
import { agentCommand, deedsOf, leaksOf } from "./agent.ts";
import { OPERATIONS, type Workbench } from "./operations.ts";
import { agentSandbox } from "./profiles.ts";
import { describeUntouched, differences } from "./untouched.ts";
import { makeWorld } from "./world.ts";

export interface RaceOptions {
  readonly seed: number;
  readonly seconds: number;
}

/** What happened in a race. */
export interface RaceResult {
  readonly seed: number;
  /** By name: how often it was let through, how often it was tried. */
  readonly operations: ReadonlyMap<string, readonly [done: number, tried: number]>;
  readonly deeds: ReadonlyMap<string, readonly [done: number, tried: number]>;
  /** Promises that were broken. Empty is how it must be. */
  readonly broken: readonly string[];
}

const AGENTS = 2;
const WORKERS = 3;
const MAX_BROKEN = 20;

/**
 * Let confined agents move, link and exchange at random what they may write, while a user copies, runs commands and works on
 * files in the same folders. Afterwards nothing outside may have changed, no secret may have been read, and what nobody
 * interfered with must have the right bytes. The seed decides what is tried; the machine decides when.
 */
export async function race({ seed, seconds }: RaceOptions): Promise<RaceResult> {
  const random = seededRandom(seed);
  await using world = await makeWorld(random);
  // What the executor keeps of its own is no business of the comparison.
  const env = {
    TMPDIR: world.tmp,
    HOME: world.home,
    XDG_STATE_HOME: join(world.safe, "state"),
    XDG_CACHE_HOME: join(world.safe, "cache"),
  };
  await using executor = await startHoldfastExecutor(world.safe, { env });
  await using agents = await WireLine.open(executor.url);
  await using line = await WireLine.open(executor.url);
  const broken: string[] = [];
  let count = 0;
  const bench: Workbench = {
    world,
    random,
    line,
    url: executor.url,
    env,
    broken: (how) => {
      if (broken.length < MAX_BROKEN) broken.push(how);
    },
    next: () => count++,
  };
  const before = await describeUntouched(world);
  const until = Date.now() + seconds * 1_000;
  const ids = await startAgents(agents, bench, until / 1_000);
  const operations = new Map<string, [number, number]>();
  await Promise.all(Array.from({ length: WORKERS }, () => work(bench, until, operations)));
  const outputs: string[] = [];
  for (const id of ids) {
    await agents.notice("process/closed", id, 30_000);
    outputs.push(agents.outputOf(id));
  }
  for (const path of outputs.flatMap(leaksOf)) bench.broken(`an agent read a secret at ${path}`);
  for (const line of differences(before, await describeUntouched(world))) bench.broken(`not as it was: ${line}`);
  return { seed, operations, deeds: deedsOf(outputs.join("\n")), broken };
}

async function startAgents(
  line: WireLine,
  { world, random, env }: Workbench,
  until: number,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < AGENTS; n += 1) {
    const processId = `agent-${n}`;
    const argv = agentCommand(world, random.between(0, 2 ** 31), until);
    const params = { processId, argv, env: { PATH: "/usr/bin:/bin", ...env }, sandbox: agentSandbox(world) };
    const { error } = await line.call("process/start", startParams(world.work, params));
    if (error !== undefined) throw new Error(`an agent can't be started: ${error.message}`);
    await line.notice("process/output", processId);
    ids.push(processId);
  }
  return ids;
}

const BAG = OPERATIONS.flatMap(([name, weight, operation]) =>
  Array.from({ length: weight }, () => ({ name, operation })),
);

async function work(bench: Workbench, until: number, tally: Map<string, [number, number]>): Promise<void> {
  while (Date.now() < until) {
    const drawn = BAG[bench.random.between(0, BAG.length - 1)];
    if (drawn === undefined) return;
    const sum = tally.get(drawn.name) ?? [0, 0];
    tally.set(drawn.name, sum);
    sum[1] += 1;
    try {
      if (await drawn.operation(bench)) sum[0] += 1;
    } catch (error) {
      bench.broken(`${drawn.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
