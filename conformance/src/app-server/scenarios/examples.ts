import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { environmentOf } from "../../app-server-line/served-app-server.ts";
import { execCommand } from "../../conversation.ts";
import { streamedMessage } from "../../mock-model.ts";
import type { AppServerScenario } from "../app-server-scenario.ts";
import { escalated } from "./approvals.ts";

const run = promisify(execFile);

/** Longest time for a program that starts a server and has one turn. */
const EXAMPLE_TIMEOUT_MS = 60_000;

export const examples: AppServerScenario = {
  id: "app-server.examples",
  sentence: "the examples of a turn and of approvals do what they say",
  turns: [
    () => [execCommand("call-1", "echo one")],
    () => streamedMessage("msg-1", "There is one"),
    () => [escalated("call-2", "touch accepted"), escalated("call-3", "echo declined >declined")],
  ],
  async run({ release, folder, home, start }) {
    // It leaves the configuration behind that the programs start their own servers with.
    await using _server = await start();
    const env = environmentOf(home);
    const example = async (name: string): Promise<string> => {
      const file = fileURLToPath(new URL(`../../../../examples/src/${name}.ts`, import.meta.url));
      const args = [file, folder, "go on", release.program, "app-server"];
      return (await run(process.execPath, args, { env, timeout: EXAMPLE_TIMEOUT_MS })).stdout;
    };
    // Before 0.169 a command may be told to be over after what the agent says about it.
    const said = (await example("agent-turn")).split("\n");
    assert.ok(
      said.some((line) => /^\$ .*echo one/.test(line)),
      said.join("\n"),
    );
    assert.ok(said.includes("one") && said.includes("There is one"), said.join("\n"));
    assert.equal(said.at(-2), "it said 12 characters for 30 tokens");
    const asked = (await example("agent-approvals")).split("\n");
    assert.ok(
      asked.some((line) => /^completed: .*touch accepted/.test(line)),
      asked.join("\n"),
    );
    assert.ok(
      asked.some((line) => /^declined: .*echo declined/.test(line)),
      asked.join("\n"),
    );
    assert.equal(asked.at(-2), "done");
  },
};
