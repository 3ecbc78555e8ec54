import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ServerRelease, shownServer } from "../app-server/server-release.ts";
import { type MockModel, startMockModel } from "../mock-model.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import type { LineScenario } from "./line-scenario.ts";
import type { LineRunOptions } from "./options.ts";
import { LINE_SCENARIOS } from "./scenarios/index.ts";

/** The longest of them moves a hundred megabytes, on a machine that may be busy. */
const SCENARIO_TIMEOUT_MS = 180_000;

function tooLate(): never {
  throw new Error(`not over within ${SCENARIO_TIMEOUT_MS} ms`);
}

/** @returns whether all of it holds. */
export async function runLines(
  { scenario = "" }: LineRunOptions,
  releases: readonly ServerRelease[],
  print: (line: string) => void,
): Promise<boolean> {
  let failures = 0;
  for (const each of LINE_SCENARIOS.filter(({ id }) => id.includes(scenario))) {
    for (const release of releases) {
      const notes: string[] = [];
      const failure = await failureOf(each, release, (text) => notes.push(text));
      if (failure !== undefined) failures += 1;
      print(`${each.id.padEnd(20)} ${shownServer(release)} ${failure === undefined ? "pass" : "FAIL"}`);
      for (const note of notes) print(`    ${note}`);
      if (failure !== undefined) print(`    ${each.sentence}: ${failure}`);
    }
  }
  return failures === 0;
}

async function failureOf(scenario: LineScenario, release: ServerRelease, note: (text: string) => void) {
  await using folder = await temporaryFolder();
  await using home = await scratchCodexHome();
  await using model = await startMockModel(scenario.turns ?? []);
  await writeFile(join(home.path, "config.toml"), configToml(model));
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), SCENARIO_TIMEOUT_MS);
  try {
    const running = scenario.run({ release, home: home.path, folder: folder.path, model, note });
    await Promise.race([running, once(late.signal, "abort").then(() => tooLate())]);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    clearTimeout(timer);
  }
  return undefined;
}

function configToml({ baseUrl }: MockModel): string {
  return `sandbox_mode = "danger-full-access"
model = "gpt-5.1-codex"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "${baseUrl}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
`;
}
