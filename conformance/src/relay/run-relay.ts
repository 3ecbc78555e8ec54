import { connect } from "@holdfast/exec-client";
import type { Release } from "@holdfast/reference-peer";
import { converse } from "../conversation.ts";
import { UsageError } from "../options.ts";
import { joined } from "./joined.ts";
import { type Join, nameOfJoin, planJoins } from "./joins.ts";
import type { RelayOptions } from "./options.ts";
import { JOIN_SCENARIOS, type JoinScenario } from "./scenarios.ts";
import { ENVIRONMENT_ID } from "./served-relay.ts";

/** @returns whether all of it is as promised. */
export async function runRelay(
  { join: named, scenario, short }: RelayOptions,
  releases: readonly Release[],
  print: (line: string) => void,
): Promise<boolean> {
  const joins = planJoins(releases).filter((each) => nameOfJoin(each).includes(named));
  const scenarios = JOIN_SCENARIOS.filter(({ id, essential }) => id.includes(scenario) && (essential || !short));
  if (joins.length === 0) throw new UsageError(`no join's name contains ${named}`);
  if (scenarios.length === 0) throw new UsageError(`no scenario's id contains ${scenario}`);
  let failures = 0;
  for (const each of joins) {
    for (const promised of scenarios) {
      const begin = performance.now();
      const failure = await failureOf(promised, each);
      const took = `${Math.round(performance.now() - begin)} ms`.padStart(9);
      print(
        `${nameOfJoin(each).padEnd(30)} ${promised.id.padEnd(14)} ${failure === undefined ? "pass" : "FAIL"} ${took}`,
      );
      if (failure === undefined) continue;
      failures += 1;
      print(`    ${promised.sentence}: ${failure}`);
    }
  }
  print(`${failures} of ${joins.length * scenarios.length} promises were not kept`);
  return failures === 0;
}

const CONVERSATION_MS = 90_000;

async function failureOf(scenario: JoinScenario, join: Join): Promise<string | undefined> {
  try {
    await using line = await joined(join);
    const { harness } = join;
    const { relay, harnessFront, folder } = line;
    if (harness === "holdfast") {
      await using client = await connect(`relay+${harnessFront.url}/${ENVIRONMENT_ID}`, { token: relay.clientToken });
      await scenario.client(line, client);
      return undefined;
    }
    const env = {
      CODEX_EXEC_SERVER_NOISE_REGISTRY_URL: harnessFront.url,
      CODEX_EXEC_SERVER_NOISE_ENVIRONMENT_ID: ENVIRONMENT_ID,
      CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: relay.clientToken,
    };
    await scenario.cli(line, (turns) =>
      converse(harness, undefined, folder, turns, { env, timeoutMs: CONVERSATION_MS }),
    );
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
