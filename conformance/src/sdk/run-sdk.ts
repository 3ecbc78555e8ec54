import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureRelease } from "@holdfast/reference-peer";
import { Codex } from "@openai/codex-sdk";
import { environmentOf } from "../app-server-line/served-app-server.ts";
import { startMockModel } from "../mock-model.ts";
import { mockModelConfig } from "../mock-model-config.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import { obedientModel } from "../tui/obedient-model.ts";
import { OWN } from "../tui/options.ts";
import { LOUD } from "../tui/served-host.ts";
import { SDK_CHECKS, type SdkCheck } from "./checks.ts";
import { SDK_RELEASES, type SdkOptions } from "./options.ts";

const OWN_PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/holdfast-agent.mjs", import.meta.url));
/** A whole check on a busy machine takes some seconds. */
const TIME_LIMIT_MS = 60_000;

/** @returns whether all of it holds. */
export async function runSdk({ program, check: part }: SdkOptions, print: (line: string) => void): Promise<boolean> {
  let failures = 0;
  for (const name of program === undefined ? [...SDK_RELEASES, OWN] : [program]) {
    const path = name === OWN ? OWN_PROGRAM : (await ensureRelease(name)).program;
    for (const check of SDK_CHECKS.filter(({ id }) => id.includes(part))) {
      const failure = await failureOf(check, path);
      print(
        `${(name === OWN ? OWN : `codex ${name}`).padEnd(16)} ${check.id.padEnd(18)} ${failure === undefined ? "pass" : "FAIL"}`,
      );
      if (failure === undefined) continue;
      failures += 1;
      print(`    ${check.sentence}: ${failure}`);
    }
  }
  return failures === 0;
}

async function failureOf(check: SdkCheck, program: string): Promise<string | undefined> {
  await using folder = await temporaryFolder();
  await using home = await scratchCodexHome();
  await using model = await startMockModel(obedientModel);
  await writeFile(join(home.path, "config.toml"), mockModelConfig(model, "", LOUD));
  const env = Object.fromEntries(
    Object.entries(environmentOf(home.path)).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const late = AbortSignal.timeout(TIME_LIMIT_MS);
  const tooLate = new Promise<never>((_, reject) => {
    late.addEventListener("abort", () => reject(new Error(`not over within ${TIME_LIMIT_MS} ms`)));
  });
  try {
    await Promise.race([
      check.run({
        folder: folder.path,
        model,
        codex: (options = {}) => new Codex({ codexPathOverride: program, env, ...options }),
        codexOf: async (version) => new Codex({ codexPathOverride: (await ensureRelease(version)).program, env }),
      }),
      tooLate,
    ]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return undefined;
}
