import type { Release } from "@holdfast/reference-peer";
import { startMockModel } from "../mock-model.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import type { AppServerScenario } from "./app-server-scenario.ts";
import { type Finding, judgeFrames } from "./judge-frames.ts";
import { type AppServerUnderTest, startAppServer } from "./reference-app-server.ts";

/** How one scenario went on one release. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly release: string;
  /** Undefined: it held. */
  readonly failure: unknown;
  /** Messages that were checked. */
  readonly messages: number;
  readonly findings: readonly Finding[];
}

/** Run a scenario on a release, and check each message of it strictly. */
export async function runScenario(scenario: AppServerScenario, release: Release): Promise<ScenarioResult> {
  await using folder = await temporaryFolder();
  await using home = await scratchCodexHome();
  await using model = await startMockModel(scenario.turns);
  const servers: AppServerUnderTest[] = [];
  let failure: unknown;
  try {
    await scenario.run({
      release,
      folder: folder.path,
      model,
      async start(options) {
        const server = await startAppServer({ release, model, home: home.path, ...options });
        servers.push(server);
        return server;
      },
    });
    const invalid = servers.flatMap((server) => server.invalid);
    if (invalid.length > 0) failure = new Error(`the client could not read: ${invalid.join("; ")}`);
  } catch (error) {
    failure = error;
  }
  const judged = servers.map(({ frames }) => judgeFrames(frames));
  return {
    scenario: scenario.id,
    release: release.version,
    failure,
    messages: judged.reduce((sum, { messages }) => sum + messages, 0),
    findings: judged.flatMap(({ findings }) => findings),
  };
}
