import type { Release } from "@holdfast/reference-peer";
import { temporaryFolder } from "../../places.ts";
import { seededRandom } from "../../soak/random.ts";
import type { Peer } from "../joins.ts";
import { type FuzzCase, randomCase } from "./case.ts";
import { expectedDifference } from "./expected-differences.ts";
import type { RelayFuzzOptions } from "./options.ts";
import { Pair, type Verdicts } from "./pair.ts";

/** Whose executors are compared. */
export interface FuzzPeers {
  readonly theirs: Release;
  /** Default: ours. */
  readonly other?: Release | undefined;
}

const REPLAYS = 4;
const TOLD_EVERY = 500;

/** Play cases to two executors. @returns whether both made the same of each. */
export async function runRelayFuzz(
  { theirs, other }: FuzzPeers,
  { cases, seed, first, side }: RelayFuzzOptions,
  print: (line: string) => void,
): Promise<boolean> {
  await using folder = await temporaryFolder();
  await using pairs = new AsyncDisposableStack();
  const peers: readonly [Peer, Peer] = [theirs, other ?? "holdfast"];
  const begin = performance.now();
  const verdicts = new Map<string, number>();
  let next = first;
  let played = 0;
  let differing = 0;
  const expected = new Map<string, number>();
  let started = 0;
  const work = async (): Promise<void> => {
    const pair = pairs.use(new Pair(peers, folder.path));
    for (let index = next++; index < first + cases; index = next++) {
      const tried = randomCase(seededRandom(seed + index));
      const { theirs: kept, difference } = await compared(pair, tried, String(seed + index));
      verdicts.set(kept, (verdicts.get(kept) ?? 0) + 1);
      played += 1;
      const reason = difference === undefined ? undefined : expectedDifference(tried);
      if (reason !== undefined) expected.set(reason, (expected.get(reason) ?? 0) + 1);
      else if (difference !== undefined) {
        differing += 1;
        print(`case ${index}: ${told(tried)}`);
        for (const line of difference) print(`    ${line}`);
      }
      if (played % TOLD_EVERY === 0) print(`${played} cases, ${differing} differ`);
    }
    started += pair.started;
  };
  await Promise.all(Array.from({ length: Math.min(side, cases) }, work));
  const seconds = ((performance.now() - begin) / 1_000).toFixed(0);
  print(`${cases} cases of seed ${seed} in ${seconds} s, ${started} executors of each; what came of them:`);
  for (const [verdict, count] of [...verdicts].sort(([, one], [, more]) => more - one)) {
    print(`${String(count).padStart(7)}  ${verdict}`);
  }
  for (const [reason, count] of expected) print(`expected, ${count}: ${reason}`);
  print(`${differing} of ${cases} were not taken alike`);
  return differing === 0;
}

/** What is sealed differs from one stream to the next: only what always differs is a difference. */
async function compared(
  pair: Pair,
  tried: FuzzCase,
  name: string,
): Promise<{ readonly theirs: string; readonly difference: readonly string[] | undefined }> {
  let verdicts = await pair.play(tried, name);
  const seen: Verdicts[] = [verdicts];
  for (let again = 1; again <= REPLAYS && !isAlike(seen); again += 1) {
    verdicts = await pair.replay(tried, `${name}-${again}`);
    seen.push(verdicts);
  }
  const { theirs } = verdicts;
  if (isAlike(seen)) return { theirs, difference: undefined };
  const all = (which: keyof Verdicts): string => [...new Set(seen.map((each) => each[which]))].join(" | ");
  return { theirs, difference: [`the release: ${all("theirs")}`, `ours:        ${all("ours")}`] };
}

function isAlike(seen: readonly Verdicts[]): boolean {
  return seen.some(({ theirs, ours }) => theirs === ours);
}

function told(tried: FuzzCase): string {
  return JSON.stringify(tried, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)).replaceAll(
    /\{"type":"Buffer","data":\[([\d,]*)\]\}/g,
    "[$1]",
  );
}
