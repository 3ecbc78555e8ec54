import { parseArgs } from "node:util";
import type { AppServer } from "@holdfast/app-server-client";
import { tempDir } from "@holdfast/testkit";
import { median, quantile } from "../statistics.ts";
import { commandHost } from "./command-host.ts";

/*
 * What commands of an app server cost, beside releases of the reference, in turns: one to its end, many at once, and one that leaves something behind.
 *
 *   node bench/src/host-commands/main.ts [--against 0.144.6,0.171.0] [--rounds 9] [--smoke]
 */

const FREE = { sandboxPolicy: { type: "dangerFullAccess" } } as const;

/** Done in each round, with how many samples. */
const WORK: readonly (readonly [string, number, (server: AppServer) => Promise<unknown>])[] = [
  ["`command/exec` of /usr/bin/true", 50, (server) => server.command.exec({ ...FREE, command: ["/usr/bin/true"] })],
  [
    "32 of them at once",
    3,
    (server) =>
      Promise.all(Array.from({ length: 32 }, () => server.command.exec({ ...FREE, command: ["/usr/bin/true"] }))),
  ],
  [
    "one that leaves a child behind which holds its output",
    1,
    (server) => server.command.exec({ ...FREE, command: ["/bin/sh", "-c", "sleep 5 & exit 0"] }),
  ],
  [
    "1 MiB of output",
    5,
    (server) => server.command.exec({ ...FREE, command: ["/bin/sh", "-c", "head -c 1048576 /dev/zero | tr '\\0' x"] }),
  ],
];

const { values } = parseArgs({
  options: {
    against: { type: "string", default: "0.144.6,0.171.0" },
    rounds: { type: "string", default: "9" },
    smoke: { type: "boolean", default: false },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);
const names = ["holdfast", ...values.against.split(",")];

await using folder = await tempDir();
const servers = await Promise.all(names.map((name) => commandHost(name, folder.path)));
const times = WORK.map(() => names.map((): number[] => []));
for (let round = 0; round < rounds; round += 1) {
  for (const [row, [, samples, work]] of WORK.entries()) {
    for (const [column, server] of servers.entries()) {
      for (let sample = 0; sample < (values.smoke ? 1 : samples); sample += 1) {
        const begin = performance.now();
        await work(server);
        times[row]?.[column]?.push(performance.now() - begin);
      }
    }
  }
}
await Promise.all(servers.map((server) => server.close()));

console.log(`| milliseconds, p50 (p95) | ${names.join(" | ")} |\n| --- |${names.map(() => " ---: |").join("")}`);
for (const [row, [what]] of WORK.entries()) {
  const cells = (times[row] ?? []).map((all) => `${median(all).toFixed(2)} (${quantile(all, 0.95).toFixed(2)})`);
  console.log(`| ${what} | ${cells.join(" | ")} |`);
}
