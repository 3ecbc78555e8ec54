import { once } from "node:events";
import { startMockModel } from "../mock-model.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import type { AppServerScenario } from "./app-server-scenario.ts";
import { type Finding, judgeFrames } from "./judge-frames.ts";
import { type AppServerUnderTest, serveClients, startAppServer } from "./reference-app-server.ts";
import type { ServerRelease } from "./server-release.ts";

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

/** A whole scenario on a busy machine takes some ten seconds. */
const SCENARIO_TIMEOUT_MS = 120_000;

function tooLate(): never {
  throw new Error(`not over within ${SCENARIO_TIMEOUT_MS} ms`);
}

/** Run a scenario on a release, and check each message of it strictly. */
export async function runScenario(scenario: AppServerScenario, release: ServerRelease): Promise<ScenarioResult> {
  await using folder = await temporaryFolder();
  await using home = await scratchCodexHome();
  await using model = await startMockModel(scenario.turns);
  await using listening = new AsyncDisposableStack();
  const servers: AppServerUnderTest[] = [];
  let failure: unknown;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), SCENARIO_TIMEOUT_MS);
  try {
    const running = scenario.run({
      release,
      folder: folder.path,
      home: home.path,
      model,
      async start(options) {
        const server = await startAppServer(release, { home: home.path, model }, options);
        servers.push(server);
        return server;
      },
      async serve() {
        const server = listening.use(await serveClients(release, { home: home.path, model }));
        return {
          ...server,
          async connect(options) {
            const client = await server.connect(options);
            servers.push(client);
            return client;
          },
        };
      },
    });
    await Promise.race([running, once(late.signal, "abort").then(() => tooLate())]);
    const unusable = servers.flatMap((server) => server.unusable);
    if (unusable.length > 0) failure = new Error(`the client could not use: ${unusable.join("; ")}`);
  } catch (error) {
    failure = error;
  } finally {
    clearTimeout(timer);
    // Those of a scenario that hangs.
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
  const judged = servers.map(({ frames }) => judgeFrames(frames));
  return {
    scenario: scenario.id,
    release: release.name,
    failure,
    messages: judged.reduce((sum, { messages }) => sum + messages, 0),
    findings: judged.flatMap(({ findings }) => findings),
  };
}
