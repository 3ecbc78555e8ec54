import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureConsumerTypes } from "./consumer-types.ts";
import { measureDeltas } from "./deltas.ts";
import { importCost } from "./import-cost.ts";
import { packedSize } from "./packed-size.ts";

/*
 * What the client of app servers costs who uses it: its import, the compiler's time, the notices of a long turn, its download.
 *
 *   node bench/src/app-server/main.ts [--rounds 9] [--smoke]
 */

const PACKAGES = new URL("../../../packages/", import.meta.url);

interface Line {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
}

function folderOf(name: string): string {
  return fileURLToPath(new URL(name, PACKAGES));
}

/** As `publishConfig.exports` of the client names it. */
const CLIENT = new URL("app-server-client/dist/bundle/index.js", PACKAGES).href;

async function lines(rounds: number): Promise<readonly Line[]> {
  const cost = await importCost(CLIENT, rounds);
  const types = await measureConsumerTypes(Math.min(rounds, 3));
  const deltas = await measureDeltas(rounds * 5);
  const client = await packedSize(folderOf("app-server-client"));
  const protocol = await packedSize(folderOf("app-server-protocol"));
  const kib = ({ packedKib, unpackedKib, files }: typeof client): string =>
    `${packedKib.toFixed(0)} KiB packed, ${unpackedKib.toFixed(0)} KiB in ${files} files`;
  return [
    {
      what: "`import` of the client, above bare Node",
      figure: `${cost.wallMs.toFixed(0)} ms (CPU ${cost.cpuMs.toFixed(0)} ms)`,
      target: "≤ 60 ms",
    },
    { what: "heap after it, above bare Node", figure: `${cost.heapMib.toFixed(1)} MiB`, target: "≤ 12 MiB" },
    {
      what: "type check of a project that uses it",
      figure: `${types.client.toFixed(1)} s (an empty one ${types.empty.toFixed(1)} s)`,
      target: "≤ 5 s",
    },
    {
      what: "2,000 deltas, validated",
      figure: `${deltas.validatedMs.toFixed(1)} ms (by the quick check ${deltas.checkedMs.toFixed(1)} ms)`,
      target: "≤ 40 ms",
    },
    {
      what: "2,000 deltas, from frames to a handler",
      figure: `${deltas.handledMs.toFixed(1)} ms (the first time ${deltas.firstMs.toFixed(0)} ms)`,
      target: "",
    },
    { what: "`@holdfast/app-server-client`", figure: kib(client), target: "" },
    { what: "`@holdfast/app-server-protocol`", figure: kib(protocol), target: "" },
  ];
}

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "9" }, smoke: { type: "boolean", default: false } },
});
console.log("| the client of app servers | now | to reach |\n| --- | ---: | ---: |");
for (const { what, figure, target } of await lines(values.smoke ? 1 : Number(values.rounds))) {
  console.log(`| ${what} | ${figure} | ${target} |`);
}
