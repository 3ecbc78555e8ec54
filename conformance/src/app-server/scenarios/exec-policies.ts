import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AskForApproval } from "@holdfast/app-server-protocol";
import { connect, type Executor } from "@holdfast/exec-client";
import { type ApprovalPolicy, execTools, UnifiedExec } from "@holdfast/orchestrator";
import { execCommand, outputsOf } from "../../conversation.ts";
import { startHoldfastExecutor } from "../../holdfast-executor.ts";
import type { AppServerGround, AppServerScenario } from "../app-server-scenario.ts";

type Sandbox = "read-only" | "danger-full-access";

/** One command under one policy. */
interface Case {
  readonly policy: ApprovalPolicy;
  readonly decision: "accept" | "decline";
  readonly command: string;
  readonly more: object;
  readonly sandbox: Sandbox;
}

/** What comes of it, as far as both tell it in the same words. */
interface Outcome {
  /** Why somebody was asked, each time. */
  readonly reasons: readonly (string | null)[];
  /** The first words of what the model was told, or how the command ended. */
  readonly told: string;
}

function granular(isAsked: boolean): ApprovalPolicy {
  const others = { rules: true, mcp_elicitations: true, request_permissions: true, skill_approval: true };
  return { granular: { sandbox_approval: isAsked, ...others } };
}

const POLICIES: readonly ApprovalPolicy[] = ["never", "on-request", "untrusted", granular(true), granular(false)];
const COMMANDS: readonly Pick<Case, "command" | "more">[] = [
  { command: "echo plain", more: {} },
  { command: "echo new >file", more: {} },
  {
    command: "echo new >file && cat file",
    more: { sandbox_permissions: "require_escalated", justification: "It writes a file." },
  },
];

const CASES: readonly Case[] = [
  ...POLICIES.flatMap((policy) =>
    COMMANDS.flatMap((command) =>
      (["accept", "decline"] as const).map(
        (decision): Case => ({ policy, ...command, decision, sandbox: "read-only" }),
      ),
    ),
  ),
  ...(["on-request", "untrusted"] as const).map(
    (policy): Case => ({ policy, ...COMMANDS[2], decision: "decline", sandbox: "danger-full-access" }) as Case,
  ),
];

const ENDED = /^Process exited with code \d+$/m;
/** Where the policy's own name follows, which one of them spells as its language does. */
const POLICY_NAME = /^(approval policy is (?:Never|Granular)).*/s;

/** Each says in its own words that somebody did not approve. */
const REJECTED = /rejected by user/;

function toldOf(output: string): string {
  return ENDED.exec(output)?.[0] ?? REJECTED.exec(output)?.[0] ?? output.replace(POLICY_NAME, "$1");
}

function nameOf({ policy, command, decision, sandbox }: Case): string {
  return `${JSON.stringify(policy)}, ${sandbox}, ${command}: ${decision}`;
}

async function folderOf({ folder }: AppServerGround, who: string, index: number): Promise<string> {
  const path = join(folder, `${who}-${index}`);
  await mkdir(path);
  return path;
}

/** On an executor that tells of denials, because a release alone guesses, by what a command has said within 20 ms. */
async function theirs(ground: AppServerGround, url: string): Promise<Outcome[]> {
  const environment = `default = "there"\n[[environments]]\nid = "there"\nurl = "${url}"\n`;
  await writeFile(join(ground.home, "environments.toml"), environment);
  await using server = await ground.start();
  const outcomes: Outcome[] = [];
  for (const [index, { policy, decision, sandbox }] of CASES.entries()) {
    const reasons: (string | null)[] = [];
    const thread = await server.codex.threads.start({
      cwd: await folderOf(ground, "theirs", index),
      sandbox,
      approvalPolicy: policy as AskForApproval,
      approve: async (request) => {
        reasons.push(request.type === "command" ? (request.params.reason ?? null) : request.type);
        return decision;
      },
    });
    await thread.run("work").result();
    const last = ground.model.requests.at(-1);
    const output = last === undefined ? undefined : outputsOf(last).get(`call-${index}`);
    outcomes.push({ reasons, told: toldOf(output ?? "nothing") });
  }
  return outcomes;
}

async function ours(ground: AppServerGround, executor: Executor): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, { policy, decision, sandbox, command, more }] of CASES.entries()) {
    const reasons: (string | null)[] = [];
    const cwd = await folderOf(ground, "ours", index);
    await using exec = new UnifiedExec({
      environments: () => ({ id: "local", executor, cwd, isRemote: false }),
      settings: { sandbox: sandbox === "read-only" ? sandbox : "none", approvalPolicy: policy },
      askApproval: ({ reason }) => {
        reasons.push(reason ?? null);
        return decision;
      },
    });
    const [tool] = execTools(exec);
    const { content } = await tool.call({ cmd: command, login: false, ...more });
    const [first] = content;
    outcomes.push({ reasons, told: toldOf(first?.type === "text" ? first.text : "nothing") });
  }
  return outcomes;
}

export const execPolicies: AppServerScenario = {
  id: "app-server.exec-policies",
  sentence:
    "under every approval policy our tools ask for the same commands as the release, for the same reasons, and do the same with the answer",
  since: "0.169.0",
  turns: CASES.flatMap(({ command, more }, index) => [() => [execCommand(`call-${index}`, command, more)], () => []]),
  async run(ground) {
    await using served = await startHoldfastExecutor(ground.folder);
    const expected = await theirs(ground, served.url);
    await using executor = await connect(served.url);
    const outcomes = await ours(ground, executor);
    for (const [index, each] of CASES.entries()) {
      assert.deepEqual(outcomes[index], expected[index], nameOf(each));
    }
  },
};
