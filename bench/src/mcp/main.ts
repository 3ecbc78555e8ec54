import { parseArgs } from "node:util";
import { median, quantile } from "../statistics.ts";
import { embeddedExecutor, servedExecutor } from "./places.ts";
import { measureRefresh } from "./refresh.ts";
import { sdkTransport } from "./sdk-transport.ts";
import { serversOf } from "./servers.ts";
import type { Measured } from "./way.ts";

/*
 * What MCP servers cost: their start, a call, their end, here, on an executor and by the transport of the official SDK; and what a call waits for
 * while all servers are replaced again and again.
 *
 *   node bench/src/mcp/main.ts [--rounds 9] [--smoke]
 */

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "9" }, smoke: { type: "boolean", default: false } },
});
const rounds = values.smoke ? 1 : Number(values.rounds);
const calls = values.smoke ? 5 : 200;

function figure(samples: readonly number[]): string {
  return median(samples).toFixed(2);
}

function row(what: string, pick: (measured: Measured) => readonly number[], all: readonly Measured[]): string {
  return `| ${what} | ${all.map((each) => figure(pick(each))).join(" | ")} |`;
}

function waitRow(what: string, samples: readonly number[], target: string): void {
  console.log(`| ${what} | ${figure(samples)} ms | ${quantile(samples, 0.99).toFixed(2)} ms | ${target} |`);
}

await using local = await embeddedExecutor();
await using far = await servedExecutor();
const ways = [serversOf(local.executor), serversOf(far.executor), sdkTransport()];
const all: Measured[] = ways.map(() => ({ startMs: [], callMs: [], endMs: [] }));
for (let round = 0; round < rounds; round += 1) {
  for (const [index, way] of ways.entries()) {
    const { startMs, callMs, endMs } = await way(calls);
    all[index]?.startMs.push(...startMs);
    all[index]?.callMs.push(...callMs);
    all[index]?.endMs.push(...endMs);
  }
}
console.log("| milliseconds, p50 | local | on an executor | transport of the SDK |\n| --- | ---: | ---: | ---: |");
console.log(row("start of server-everything, to its tools", ({ startMs }) => startMs, all));
console.log(row("a call of `echo`", ({ callMs }) => callMs, all));
console.log(row("its end, with all that it started", ({ endMs }) => endMs, all));

const { waitMs, quietMs, busyMs, refreshes } = await measureRefresh(local.executor, values.smoke ? 200 : 5_000);
console.log(
  `\n| 50 calls in flight, ${refreshes} refreshes meanwhile | p50 | p99 | to reach |\n| --- | ---: | ---: | ---: |`,
);
waitRow("a call waits for a set of servers", waitMs, "≤ 1 ms p99");
waitRow("a call, while nothing is replaced", quietMs, "");
waitRow("a call, while the other servers are replaced", busyMs, "");
