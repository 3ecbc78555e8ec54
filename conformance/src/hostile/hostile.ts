import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { runCell } from "../matrix.ts";
import { ownChild } from "../owned.ts";
import { UNPRIVILEGED } from "../sandbox/as-user.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import { runAttack } from "./attack.ts";
import { ATTACKS } from "./attacks/index.ts";
import type { HostileOptions } from "./options.ts";
import { race } from "./race/race.ts";
import { raceLines } from "./report.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Run the attacks and the race as every user that was asked for. Resolves to whether all of it held. */
export async function runHostile(options: HostileOptions): Promise<boolean> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) return runAsThisUser(options);
  let holds = true;
  if (options.user !== "root") holds = (await runAsOrdinaryUser(options)) && holds;
  if (options.user !== "ordinary") holds = (await runAsThisUser(options)) && holds;
  return holds;
}

/** Once more from the beginning, without the powers of root. */
async function runAsOrdinaryUser({ short, attack, race: isRaceOnly, seconds, seed }: HostileOptions): Promise<boolean> {
  const drop = [`--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, "--clear-groups", "--"];
  const words = ["hostile", "--seconds", String(seconds), "--seed", String(seed)];
  if (short) words.push("--short");
  if (isRaceOnly) words.push("--race");
  if (attack !== undefined) words.push("--attack", attack);
  const child = ownChild(
    spawn("setpriv", [...drop, process.execPath, MAIN, ...words], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, HOME: "/nonexistent" },
    }),
  );
  const [code] = await once(child, "close");
  return code === 0;
}

async function runAsThisUser(options: HostileOptions): Promise<boolean> {
  const uid = process.getuid?.() ?? 0;
  console.log(`as user ${uid}`);
  let holds = true;
  if (!options.race) holds = await runAttacks(options, uid);
  if (options.attack !== undefined) return holds;
  const result = await race(options);
  for (const line of raceLines(result, options.seconds)) console.log(line);
  return holds && result.broken.length === 0;
}

async function runAttacks({ short, attack: text = "" }: HostileOptions, uid: number): Promise<boolean> {
  let holds = true;
  const tell = (id: string, failure: string | undefined, sentence: string): void => {
    console.log(failure === undefined ? `  holds     ${id}` : `  VIOLATED  ${id}: ${sentence}\n            ${failure}`);
    if (failure !== undefined) holds = false;
  };
  for (const scenario of SCENARIOS) {
    if (short || !scenario.id.includes("hostile") || !scenario.id.includes(text)) continue;
    const { verdict, note } = await runCell({ scenario, executor: { kind: "holdfast" } });
    tell(scenario.id, verdict === "pass" ? undefined : (note ?? verdict), scenario.sentence);
  }
  for (const attack of ATTACKS) {
    if ((short && !attack.essential) || !attack.id.includes(text) || (attack.needsRoot === true && uid !== 0)) continue;
    tell(attack.id, await failureOf(() => runAttack(attack, uid)), attack.sentence);
  }
  return holds;
}

async function failureOf(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 400);
  }
}
