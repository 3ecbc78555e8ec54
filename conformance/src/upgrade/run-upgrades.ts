import type { Release } from "@holdfast/reference-peer";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { temporaryFolder } from "../places.ts";
import { percentile } from "../soak/report.ts";
import type { UpgradeOptions } from "./options.ts";
import { upgradeUnderCli } from "./under-cli.ts";
import { type UpgradeResult, upgrade } from "./upgrade.ts";

/** Replace our own executor, and print what came of it. @returns whether every promise was kept. */
export async function runUpgrades(
  options: UpgradeOptions,
  releases: readonly Release[],
  print: (line: string) => void,
): Promise<boolean> {
  if (releases.length === 0) return underLoad(options, print);
  let isKept = true;
  for (const release of releases) {
    const failures = await upgradeUnderCli(release);
    for (const line of failures) print(line);
    print(`codex ${release.version}: ${failures.length} promises were not kept`);
    isKept &&= failures.length === 0;
  }
  return isKept;
}

async function underLoad(options: UpgradeOptions, print: (line: string) => void): Promise<boolean> {
  await using folder = await temporaryFolder();
  const env = { ...process.env, XDG_RUNTIME_DIR: folder.path };
  await using served = await startHoldfastExecutor(folder.path, { env });
  const result = await upgrade(served, folder.path, env, options, (times, bytes) => {
    if (times % TOLD_EVERY === 0) print(`${times} replacements, ${(bytes / MEBIBYTE).toFixed(1)} MiB`);
  });
  for (const line of reportOf(result, options)) print(line);
  return result.failures.length === 0;
}

const MEBIBYTE = 1_048_576;
const TOLD_EVERY = 10;

function reportOf(result: UpgradeResult, { processes }: UpgradeOptions): readonly string[] {
  const { before, after, failures, pausesMs, replacementsMs, receivedBytes, times } = result;
  const spread = (values: readonly number[]): string =>
    [0.5, 0.95, 1].map((share) => percentile(values, share).toFixed(0)).join(" / ");
  return [
    `${times} replacements under ${processes} processes, ${(receivedBytes / MEBIBYTE).toFixed(1)} MiB received`,
    `outage of a session, p50 / p95 / max: ${spread(pausesMs)} ms`,
    `serve --replace, p50 / p95 / max: ${spread(replacementsMs)} ms`,
    `file descriptors ${before.fdCount ?? "?"} → ${after.fdCount ?? "?"}, RSS ${before.rssMiB?.toFixed(0) ?? "?"} → ${after.rssMiB?.toFixed(0) ?? "?"} MiB`,
    ...failures,
    `${failures.length} promises were not kept`,
  ];
}
