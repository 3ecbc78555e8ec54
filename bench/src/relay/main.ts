import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect, type Executor } from "@holdfast/exec-client";
import { tempDir } from "@holdfast/testkit";
import { median, quantile } from "../statistics.ts";
import { HOLDFAST, startTarget } from "../target.ts";
import { MIB, mibPerSecond } from "../units.ts";
import { measureFleet } from "./fleet.ts";
import { dialOut, startRelay } from "./served-relay.ts";

/*
 * What the relay and its Noise cost: the same work on the same kind of executor by a websocket of its own and through our relay, in turns; ours and that
 * of a release, both by our client. Then many executors that are idle, and many streams that are not, on one relay.
 *
 *   node bench/src/relay/main.ts [--against 0.171.0] [--rounds 5] [--mebibytes 256] [--executors 1000] [--streams 200] [--seconds 10] [--no-fleet] [--smoke]
 */

const { values } = parseArgs({
  options: {
    against: { type: "string", default: "0.171.0" },
    rounds: { type: "string", default: "5" },
    mebibytes: { type: "string", default: "256" },
    samples: { type: "string", default: "200" },
    executors: { type: "string", default: "1000" },
    streams: { type: "string", default: "200" },
    seconds: { type: "string", default: "10" },
    "no-fleet": { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);
const bytes = (values.smoke ? 4 : Number(values.mebibytes)) * MIB;
const samples = values.smoke ? 3 : Number(values.samples);
const CONNECT_WITHIN_MS = 30_000;

/** An executor, by one of the two ways. */
interface Way {
  readonly name: string;
  readonly executor: Executor;
  readonly stdout: number[];
  readonly file: number[];
  readonly ones: number[];
}

await using folder = await tempDir();
await using ending = new AsyncDisposableStack();
const file = join(folder.path, "file");
await writeFile(file, Buffer.alloc(bytes, "0123456789abcde\n"));
const relay = ending.use(await startRelay(folder.path));
const ways: Way[] = [];
for (const name of [HOLDFAST, ...values.against.split(",").filter((each) => each !== "")]) {
  const target = ending.use(await startTarget(name));
  const environmentId = `bench-${name.replaceAll(".", "-")}`;
  ending.use(await dialOut(name, relay, { environmentId, home: folder.path }));
  const remote = `relay+${relay.url}/${environmentId}`;
  for (const [way, url] of [
    ["websocket", target.url],
    ["relay", remote],
  ] as const) {
    const executor = ending.use(await connect(url, { token: relay.clientToken, retryForMs: CONNECT_WITHIN_MS }));
    ways.push({ name: `${name}, ${way}`, executor, stdout: [], file: [], ones: [] });
  }
}
for (let round = 0; round < rounds; round += 1) {
  for (const way of ways) way.stdout.push(await rateOrNone(way, stdoutRate));
  for (const way of ways) way.file.push(await rateOrNone(way, fileRate));
  for (const way of ways) await times(way);
}
console.log(
  "| by our client | stdout, MiB/s | file, MiB/s | `run` of /usr/bin/true, p50 (p95), ms | more than by the websocket |",
);
console.log("| --- | ---: | ---: | ---: | ---: |");
for (const [index, { name, stdout, file: fromFile, ones }] of ways.entries()) {
  const direct = index % 2 === 0 ? undefined : ways[index - 1];
  const more = direct === undefined ? "" : `${(median(ones) - median(direct.ones)).toFixed(2)} ms`;
  const cells = [rateCell(stdout), rateCell(fromFile)];
  console.log(
    `| ${name} | ${cells.join(" | ")} | ${median(ones).toFixed(2)} (${quantile(ones, 0.95).toFixed(2)}) | ${more} |`,
  );
}
for (const { executor } of ways) await executor.close();

if (!values["no-fleet"]) {
  await using fleetFolder = await tempDir();
  await using alone = await startRelay(fleetFolder.path);
  const sizes = values.smoke
    ? { executors: 20, streams: 5, seconds: 1 }
    : { executors: Number(values.executors), streams: Number(values.streams), seconds: Number(values.seconds) };
  console.log(
    "\n| on one relay | memory, MiB | CPU, % of one | carried, MiB/s | echo p50 (p95), ms |\n| --- | ---: | ---: | ---: | ---: |",
  );
  for (const { what, memoryMib, cpuShare, rate, echoes } of await measureFleet(alone, sizes)) {
    const echo = echoes.length === 0 ? "" : `${median(echoes).toFixed(1)} (${quantile(echoes, 0.95).toFixed(1)})`;
    const carried = rate === 0 ? "" : rate.toFixed(1);
    console.log(`| ${what} | ${memoryMib.toFixed(0)} | ${(cpuShare * 100).toFixed(1)} | ${carried} | ${echo} |`);
  }
}

/** What does not come over whole has no rate. */
async function rateOrNone(way: Way, rate: (way: Way) => Promise<number>): Promise<number> {
  try {
    return await rate(way);
  } catch (error) {
    console.error(`${way.name}: ${error instanceof Error ? error.message : String(error)}`);
    return Number.NaN;
  }
}

function rateCell(rates: readonly number[]): string {
  const whole = rates.filter((rate) => !Number.isNaN(rate));
  const lost = rates.length - whole.length;
  return `${whole.length === 0 ? "" : median(whole).toFixed(0)}${lost === 0 ? "" : ` (lost ${lost} of ${rates.length})`}`;
}

async function stdoutRate({ executor }: Way): Promise<number> {
  const begin = performance.now();
  await using running = await executor.processes.start({ argv: ["/bin/cat", file], cwd: "/" });
  let got = 0;
  for await (const event of running.events()) if (event.type === "output") got += event.data.length;
  if (got !== bytes) throw new Error(`${got} bytes of ${bytes} came`);
  return mibPerSecond(bytes, begin);
}

async function fileRate({ executor }: Way): Promise<number> {
  const begin = performance.now();
  let got = 0;
  for await (const chunk of executor.fs.createReadStream(file)) got += chunk.length;
  if (got !== bytes) throw new Error(`${got} bytes of ${bytes} came`);
  return mibPerSecond(bytes, begin);
}

async function times({ executor, ones }: Way): Promise<void> {
  for (let sample = 0; sample < samples; sample += 1) {
    const begin = performance.now();
    await executor.run(["/usr/bin/true"], { cwd: "/" });
    ones.push(performance.now() - begin);
  }
}
