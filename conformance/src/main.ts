import { ensureRelease, isAtLeast, type Release, ReleaseUnavailableError } from "@holdfast/reference-peer";
import { APP_SERVER_USAGE, parseAppServerOptions } from "./app-server/options.ts";
import { runAppServer } from "./app-server/run-app-server.ts";
import { type ServerRelease, serverRelease } from "./app-server/server-release.ts";
import { LINES_USAGE, parseLineOptions } from "./app-server-line/options.ts";
import { runLines } from "./app-server-line/run-lines.ts";
import type { AcceptedMessage } from "./corpus.ts";
import { COST_USAGE, parseCostOptions } from "./cost/options.ts";
import { printCost } from "./cost/print-cost.ts";
import { ENVIRONMENTS_USAGE, parseEnvironmentsOptions } from "./environments/options.ts";
import { runEnvironments } from "./environments/run-environments.ts";
import { parseRemoteExecOptions, REMOTE_EXEC_USAGE } from "./exec-remote/options.ts";
import { runRemoteExecs } from "./exec-remote/run-remote-exec.ts";
import { FAR_USAGE, parseFarOptions } from "./far/options.ts";
import { runFar } from "./far/run-far.ts";
import { runHostile } from "./hostile/hostile.ts";
import { HOSTILE_USAGE, parseHostileOptions } from "./hostile/options.ts";
import { type CellResult, type ExecutorUnderTest, isExpected, planCells, runCell } from "./matrix.ts";
import { MCP_USAGE, parseMcpOptions } from "./mcp/options.ts";
import { runMcp } from "./mcp/run-mcp.ts";
import { type Options, parseOptions, USAGE, UsageError } from "./options.ts";
import { cleanUpOnExit } from "./owned.ts";
import { comparePatches } from "./patch/compare-patches.ts";
import { PATCH_CORPUS } from "./patch/corpus.ts";
import { PATCH_USAGE, parsePatchOptions } from "./patch/options.ts";
import { randomCase } from "./patch/random-case.ts";
import { EXTENSION_CORPUS_ROOT } from "./places.ts";
import { PROGRAMS_USAGE, parseProgramsOptions } from "./programs/options.ts";
import { runPrograms } from "./programs/run-programs.ts";
import { recordRelease } from "./record/record.ts";
import { recordExtension } from "./record/record-extension.ts";
import { shapeOf } from "./record/shape.ts";
import { writeAccepted } from "./record/write-corpus.ts";
import { parseRelayFuzzOptions, RELAY_FUZZ_USAGE } from "./relay/fuzz/options.ts";
import { runRelayFuzz } from "./relay/fuzz/run-fuzz.ts";
import { parseRelayOptions, RELAY_USAGE } from "./relay/options.ts";
import { runRelay } from "./relay/run-relay.ts";
import { parseRelayNodesOptions, RELAY_NODES_USAGE } from "./relay-nodes/options.ts";
import { runRelayNodes } from "./relay-nodes/run-relay-nodes.ts";
import { asJson, HEADER, resultLine, summaryLines } from "./report.ts";
import { printSandboxTable } from "./sandbox/table.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { parseSdkOptions, SDK_USAGE } from "./sdk/options.ts";
import { runSdk } from "./sdk/run-sdk.ts";
import { GROWTH, growth } from "./soak/growth.ts";
import { runSoaks } from "./soak/run-soaks.ts";
import { parseThreadsOptions, THREADS_USAGE } from "./threads/options.ts";
import { runThreads } from "./threads/run-threads.ts";
import { parseTuiOptions, TUI_USAGE } from "./tui/options.ts";
import { runTui } from "./tui/run-tui.ts";
import { parseUpgradeOptions, UPGRADE_USAGE } from "./upgrade/options.ts";
import { runUpgrades } from "./upgrade/run-upgrades.ts";

/** Older orchestrators are not promised to work with our executor. */
const FIRST_CLI_RELEASE = "0.144.0";

function chosenScenarios(options: Options): Scenario[] {
  return SCENARIOS.filter(
    ({ id, essential, direction }) =>
      id.includes(options.scenario) &&
      (essential || !options.short) &&
      !(options.referenceOnly && direction === "client"),
  );
}

async function installReleases(options: Pick<Options, "releases">): Promise<Release[]> {
  const releases: Release[] = [];
  for (const version of options.releases) {
    releases.push(await ensureRelease(version, (name) => console.error(`installing reference release ${name}`)));
  }
  return releases;
}

async function installServers(options: Pick<Options, "releases">): Promise<ServerRelease[]> {
  const servers: ServerRelease[] = [];
  for (const name of options.releases) {
    servers.push(await serverRelease(name, (version) => console.error(`installing reference release ${version}`)));
  }
  return servers;
}

async function runMatrix(options: Options, releases: readonly Release[]): Promise<boolean> {
  const scenarios = chosenScenarios(options);
  if (scenarios.length === 0) throw new UsageError(`no scenario's id contains ${options.scenario}`);
  const executors: ExecutorUnderTest[] = releases.map((release) => ({ kind: "codex", release }));
  if (!options.referenceOnly) executors.push({ kind: "holdfast" });
  const cliReleases = releases.filter(({ version }) => isAtLeast(version, FIRST_CLI_RELEASE));
  const results: CellResult[] = [];
  if (!options.json) console.log(HEADER);
  for (const cell of planCells(scenarios, { cliReleases, executors, cross: options.cross })) {
    const result = await runCell(cell);
    results.push(result);
    if (!options.json) console.log(resultLine(result));
  }
  console.log(options.json ? asJson(results, scenarios) : `\n${summaryLines(results).join("\n")}`);
  return results.every(isExpected);
}

/** Requests of our own are the same for every release. */
function isKnown(messages: readonly AcceptedMessage[], { method, kind, message }: AcceptedMessage): boolean {
  return messages.some(
    (known) =>
      known.author === "driver" &&
      known.method === method &&
      known.kind === kind &&
      shapeOf(known.message) === shapeOf(message),
  );
}

async function recordCorpus(releases: readonly Release[]): Promise<void> {
  const messages: AcceptedMessage[] = [];
  for (const release of releases) {
    const recorded = await recordRelease(release);
    console.log(`codex ${release.version}: ${recorded.length} messages`);
    messages.push(...recorded.filter((message) => message.author === "release" || !isKnown(messages, message)));
  }
  await writeAccepted(messages);
}

async function hostile(argv: readonly string[]): Promise<number> {
  const options = parseHostileOptions(argv);
  if (!options.help) return (await runHostile(options)) ? 0 : 1;
  console.log(HOSTILE_USAGE);
  return 0;
}

async function programs(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseProgramsOptions(argv);
  if (help) {
    console.log(PROGRAMS_USAGE);
    return 0;
  }
  console.log(`${options.runs} programs of seed ${options.seed}`);
  const findings = await runPrograms(options, console.log);
  console.log(`${findings.length} of ${options.runs} did not go as promised`);
  return findings.length === 0 ? 0 : 1;
}

async function patches(argv: readonly string[]): Promise<number> {
  const { help, release: version, runs, seed } = parsePatchOptions(argv);
  if (help) {
    console.log(PATCH_USAGE);
    return 0;
  }
  const [release] = await installReleases({ releases: [version] });
  if (release === undefined) return 1;
  console.log(`${PATCH_CORPUS.length} patches, and ${runs} of seed ${seed}, by codex ${version} and by ours`);
  const cases = [...PATCH_CORPUS, ...Array.from({ length: runs }, (_, index) => randomCase(seed + index))];
  const findings = await comparePatches(cases, release, console.log);
  console.log(`${findings.length} of ${cases.length} did not go as they should`);
  return findings.length === 0 ? 0 : 1;
}

async function far(argv: readonly string[]): Promise<number> {
  const options = parseFarOptions(argv);
  if (!options.help) return (await runFar(options, console.log)) ? 0 : 1;
  console.log(FAR_USAGE);
  return 0;
}

async function relayNodes(argv: readonly string[]): Promise<number> {
  const options = parseRelayNodesOptions(argv);
  if (!options.help) return (await runRelayNodes(options, console.log)) ? 0 : 1;
  console.log(RELAY_NODES_USAGE);
  return 0;
}

async function cost(argv: readonly string[]): Promise<number> {
  const options = parseCostOptions(argv);
  if (!options.help) return (await printCost(options, console.log)) ? 0 : 1;
  console.log(COST_USAGE);
  return 0;
}

async function upgrades(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseUpgradeOptions(argv);
  if (!help) return (await runUpgrades(options, await installReleases(options), console.log)) ? 0 : 1;
  console.log(UPGRADE_USAGE);
  return 0;
}

async function appServer(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseAppServerOptions(argv);
  if (!help) return (await runAppServer(options, await installServers(options), console.log)) ? 0 : 1;
  console.log(APP_SERVER_USAGE);
  return 0;
}

async function appServerLine(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseLineOptions(argv);
  if (!help) return (await runLines(options, await installServers(options), console.log)) ? 0 : 1;
  console.log(LINES_USAGE);
  return 0;
}

async function threads(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseThreadsOptions(argv);
  if (!help) return (await runThreads(options, console.log)) ? 0 : 1;
  console.log(THREADS_USAGE);
  return 0;
}

async function tui(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseTuiOptions(argv);
  if (!help) return (await runTui(options, console.log)) ? 0 : 1;
  console.log(TUI_USAGE);
  return 0;
}

async function execRemote(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseRemoteExecOptions(argv);
  if (!help) return (await runRemoteExecs(options, console.log)) ? 0 : 1;
  console.log(REMOTE_EXEC_USAGE);
  return 0;
}

async function sdk(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseSdkOptions(argv);
  if (!help) return (await runSdk(options, console.log)) ? 0 : 1;
  console.log(SDK_USAGE);
  return 0;
}

async function environments(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseEnvironmentsOptions(argv);
  if (!help) return (await runEnvironments(await installReleases(options), console.log)) ? 0 : 1;
  console.log(ENVIRONMENTS_USAGE);
  return 0;
}

async function mcp(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseMcpOptions(argv);
  if (!help) return (await runMcp(options, await installReleases(options), console.log)) ? 0 : 1;
  console.log(MCP_USAGE);
  return 0;
}

async function relay(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseRelayOptions(argv);
  if (!help) return (await runRelay(options, await installReleases(options), console.log)) ? 0 : 1;
  console.log(RELAY_USAGE);
  return 0;
}

async function relayFuzz(argv: readonly string[]): Promise<number> {
  const { help, ...options } = parseRelayFuzzOptions(argv);
  if (help) {
    console.log(RELAY_FUZZ_USAGE);
    return 0;
  }
  const { release, other } = options;
  const [theirs, second] = await installReleases({ releases: other === undefined ? [release] : [release, other] });
  if (theirs === undefined) return 1;
  return (await runRelayFuzz({ theirs, other: second }, options, console.log)) ? 0 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === "hostile") return hostile(argv.slice(1));
  if (argv[0] === "programs") return programs(argv.slice(1));
  if (argv[0] === "patch") return patches(argv.slice(1));
  if (argv[0] === "far") return far(argv.slice(1));
  if (argv[0] === "relay-nodes") return relayNodes(argv.slice(1));
  if (argv[0] === "cost") return cost(argv.slice(1));
  if (argv[0] === "upgrade") return upgrades(argv.slice(1));
  if (argv[0] === "app-server") return appServer(argv.slice(1));
  if (argv[0] === "app-server-line") return appServerLine(argv.slice(1));
  if (argv[0] === "tui") return tui(argv.slice(1));
  if (argv[0] === "threads") return threads(argv.slice(1));
  if (argv[0] === "exec-remote") return execRemote(argv.slice(1));
  if (argv[0] === "sdk") return sdk(argv.slice(1));
  if (argv[0] === "environments") return environments(argv.slice(1));
  if (argv[0] === "mcp") return mcp(argv.slice(1));
  if (argv[0] === "relay") return relay(argv.slice(1));
  if (argv[0] === "relay-fuzz") return relayFuzz(argv.slice(1));
  const options = parseOptions(argv);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  if (options.soak !== undefined) {
    const releases = await installReleases({ releases: options.soak.releases ?? [] });
    return (await runSoaks(options.soak, releases)) ? 0 : 1;
  }
  if (options.growth) {
    await growth({ ...GROWTH, sessionTtl: options.sessionTtl });
    return 0;
  }
  if (options.recordExtension) {
    await writeAccepted(await recordExtension(), EXTENSION_CORPUS_ROOT);
    return 0;
  }
  const releases = await installReleases(options);
  if (options.record) {
    await recordCorpus(releases);
    return 0;
  }
  if (options.sandboxTable) return (await printSandboxTable(releases, console.log)) ? 0 : 1;
  return (await runMatrix(options, releases)) ? 0 : 1;
}

cleanUpOnExit();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ReleaseUnavailableError)) throw error;
  console.error(`conformance: ${error.message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
