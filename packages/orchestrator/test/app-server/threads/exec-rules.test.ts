import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { calls, type Reply, said } from "../../agent/support/scripted-model.ts";
import { type ThreadsClient, type ThreadsHost, threadsHost } from "./threads-host.ts";

const ASKED = { sandbox_permissions: "require_escalated", justification: "Have to" };

/** A turn with one command. */
function command(cmd: string, more: object = {}): readonly Reply[] {
  return [[calls("exec_command", { cmd, ...more })], [said("done")]];
}

function questions({ raw }: ThreadsClient) {
  return raw.named("item/commandExecution/requestApproval");
}

/** Answer the first question with what it offers to allow for good. */
async function allow(client: ThreadsClient): Promise<void> {
  await until(() => questions(client).length > 0);
  const { id, params } = questions(client)[0] as { readonly id: unknown; readonly params: object };
  const { availableDecisions } = params as { readonly availableDecisions: readonly unknown[] };
  client.raw.send({ id, result: { decision: availableDecisions.find((each) => typeof each === "object") } });
}

function rulesFile({ codexHome }: ThreadsHost): string {
  return join(codexHome, "rules", "default.rules");
}

/** What the command of the last turn gave back. */
function lastOutput({ model }: ThreadsHost): string {
  const input = model.calls.at(-1)?.body.input ?? [];
  return String(input.findLast(({ type }) => type === "function_call_output")?.output);
}

describe("what a user allows for good", () => {
  test("is kept as Codex keeps it, and holds in other threads and after a restart", async () => {
    await using threads = await threadsHost([
      ...command("echo 'a b'", { ...ASKED, prefix_rule: ["echo"] }),
      ...command("echo c", ASKED),
      ...command("echo d", ASKED),
    ]);
    const client = await threads.client();
    const confined = { sandbox: "read-only", approvalPolicy: "on-request" };
    const { id } = await client.start(confined);
    const turnId = await client.begin(id, "go");
    await allow(client);
    await client.ended(turnId);
    expect(readFileSync(rulesFile(threads), "utf8")).toBe('prefix_rule(pattern=["echo"], decision="allow")\n');
    await client.turn((await client.start(confined)).id, "again");
    expect(lastOutput(threads)).toMatch(/Output:\nc\n$/);
    expect(questions(client)).toHaveLength(1);
    await threads.host.server.close();

    await using anew = await threads.another();
    const second = await anew.client();
    await second.turn((await second.start(confined)).id, "again");
    expect(lastOutput(threads)).toMatch(/Output:\nd\n$/);
    expect(questions(second)).toEqual([]);
  });

  test.each([
    ["python3 -c 1", ["python3"], ["python3", "-c", "1"]],
    ["/bin/sh -c ls", ["/bin/sh", "-c"], ["/bin/sh", "-c", "ls"]],
    ["git status", ["git"], ["git", "status"]],
    ["git status -s", ["git", "status"], ["git", "status"]],
    ["echo a", ["rm"], ["echo", "a"]],
    ["echo a", [], ["echo", "a"]],
    ["touch a && echo b", ["echo"], ["touch", "a"]],
    ["echo $HOME", ["echo"], null],
  ])("is offered no wider than the command is: %s, for %j", async (cmd, proposed, offered) => {
    await using threads = await threadsHost(command(cmd, { ...ASKED, prefix_rule: proposed }));
    const client = await threads.client();
    const { id } = await client.start({ sandbox: "read-only", approvalPolicy: "on-request" });
    const turnId = await client.begin(id, "go");
    await until(() => questions(client).length > 0);
    expect(questions(client)[0]?.params).toMatchObject({ proposedExecpolicyAmendment: offered });
    client.raw.send({ id: questions(client)[0]?.id, result: { decision: "decline" } });
    await client.ended(turnId);
    expect(existsSync(rulesFile(threads))).toBe(false);
  });

  test("takes nothing from what stands in the file", async () => {
    await using threads = await threadsHost(command("echo a", ASKED));
    mkdirSync(join(threads.codexHome, "rules"));
    writeFileSync(rulesFile(threads), '# mine\nprefix_rule(pattern=["ls"], decision="allow")');
    const client = await threads.client();
    const { id } = await client.start({ sandbox: "read-only", approvalPolicy: "on-request" });
    const turnId = await client.begin(id, "go");
    await allow(client);
    await client.ended(turnId);
    expect(readFileSync(rulesFile(threads), "utf8")).toBe(
      '# mine\nprefix_rule(pattern=["ls"], decision="allow")\nprefix_rule(pattern=["echo", "a"], decision="allow")\n',
    );
  });
});

describe("rules of a user", () => {
  test("forbid commands, whatever the policy", async () => {
    await using threads = await threadsHost(command("echo a && touch made"));
    mkdirSync(join(threads.codexHome, "rules"));
    const rule = 'prefix_rule(pattern=["touch"], decision="forbidden", justification="leave no trace")\n';
    writeFileSync(join(threads.codexHome, "rules", "own.rules"), rule);
    const client = await threads.client();
    await client.turn((await client.start()).id, "go");
    expect(lastOutput(threads)).toContain("`echo a && touch made` rejected: leave no trace");
    expect(existsSync(join(threads.host.cwd, "made"))).toBe(false);
  });

  test("have the user asked, also where nobody would be", async () => {
    await using threads = await threadsHost([...command("touch made"), ...command("touch made")]);
    mkdirSync(join(threads.codexHome, "rules"));
    writeFileSync(rulesFile(threads), 'prefix_rule(pattern=["touch"], decision="prompt")\n');
    const client = await threads.client();
    const { id } = await client.start({ approvalPolicy: "on-request" });
    const turnId = await client.begin(id, "go");
    await until(() => questions(client).length > 0);
    client.raw.send({ id: questions(client)[0]?.id, result: { decision: "decline" } });
    await client.ended(turnId);
    await client.turn((await client.start()).id, "go");
    expect(lastOutput(threads)).toContain("`touch made` rejected");
    expect(existsSync(join(threads.host.cwd, "made"))).toBe(false);
  });

  test("are not used where they are not understood, which the operator is told", async () => {
    const warnings: string[] = [];
    await using threads = await threadsHost(command("echo a", ASKED), { log: { warn: (line) => warnings.push(line) } });
    mkdirSync(join(threads.codexHome, "rules"));
    writeFileSync(rulesFile(threads), 'prefix_rule(pattern=["echo"], decision="allow")\nfor x in y: pass\n');
    const client = await threads.client();
    const { id } = await client.start({ sandbox: "read-only", approvalPolicy: "on-request" });
    const turnId = await client.begin(id, "go");
    await until(() => questions(client).length > 0);
    client.raw.send({ id: questions(client)[0]?.id, result: { decision: "accept" } });
    await client.ended(turnId);
    expect(warnings).toEqual([expect.stringMatching(/default\.rules are not used: line 2: /)]);
  });
});
