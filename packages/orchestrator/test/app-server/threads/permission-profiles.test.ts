import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { begin, calls, complete, type Entry, type Reply, said, send } from "../../agent/support/scripted-model.ts";
import { type ThreadsHost, threadsHost } from "./threads-host.ts";

/** What a model says next, one response each; without it, that it is done. */
class Sayings {
  readonly #next: Entry[] = [];
  readonly replies: readonly Reply[] = Array.from({ length: 20 }, () => (response) => {
    begin(response);
    send(response, { type: "response.output_item.done", item: this.#next.shift() ?? said("done") });
    complete(response);
  });

  run(command: string, more: object = {}): void {
    this.#next.push(calls("exec_command", { cmd: command, ...more }));
  }
}

/** Add tables to the configuration of a server. */
function configure({ codexHome }: ThreadsHost, text: string): void {
  appendFileSync(join(codexHome, "config.toml"), text);
}

/** Put a line before the tables. */
function configureTop({ codexHome }: ThreadsHost, line: string): void {
  const file = join(codexHome, "config.toml");
  writeFileSync(file, `${line}\n${readFileSync(file, "utf8")}`);
}

const NARROW = `
[permissions.narrow]
description = "Little"
[permissions.narrow.filesystem]
":minimal" = "read"
":workspace_roots" = "write"
`;

/** A profile that denies a folder. */
function mine(folder: string): string {
  return `\n[permissions.mine]\nextends = ":workspace"\n[permissions.mine.filesystem]\n"${folder}" = "deny"\n`;
}

/** A folder with something in it that is not to be read. */
function secretIn(threads: ThreadsHost): string {
  const folder = join(threads.host.folder, "secret");
  mkdirSync(folder);
  writeFileSync(join(folder, "word.txt"), "open sesame");
  return folder;
}

/** What a command of the model gave back last. */
function lastOutput(threads: ThreadsHost): string {
  const input = threads.model.calls.at(-1)?.body.input ?? [];
  return String(input.findLast(({ type }) => type === "function_call_output")?.output);
}

describe("a permission profile of the configuration", () => {
  test("is listed by name, with whether it can be used", async () => {
    await using threads = await threadsHost();
    configure(threads, `${NARROW}[permissions.bad]\nextends = "nothere"\n`);
    const client = await threads.client();
    const { data } = await client.call("permissionProfile/list", {});
    expect(data).toEqual([
      { id: ":read-only", description: null, allowed: true },
      { id: ":workspace", description: null, allowed: true },
      { id: ":danger-full-access", description: null, allowed: true },
      { id: "bad", description: null, allowed: false },
      { id: "narrow", description: "Little", allowed: true },
    ]);
  });

  test("is what a thread has, as Codex tells of it", async () => {
    await using threads = await threadsHost();
    configure(threads, `${NARROW}${mine("/srv/secret")}[permissions.bad]\nextends = "nothere"\n`);
    const client = await threads.client();
    const start = (permissions: string) => client.call("thread/start", { permissions });
    expect(await start("mine")).toMatchObject({
      sandbox: { type: "workspaceWrite", writableRoots: [], excludeTmpdirEnvVar: false, excludeSlashTmp: false },
      activePermissionProfile: { id: "mine", extends: ":workspace" },
    });
    expect(await start("narrow")).toMatchObject({
      sandbox: { type: "workspaceWrite", excludeTmpdirEnvVar: true, excludeSlashTmp: true },
      activePermissionProfile: { id: "narrow", extends: null },
    });
    const refusal = (params: object) => client.refusal("thread/start", params);
    const failed = (message: string) => ({ code: -32600, message: `failed to load configuration: ${message}` });
    expect(await refusal({ permissions: "bad" })).toEqual(
      failed("permissions profile `bad` extends undefined profile `nothere`"),
    );
    expect(await refusal({ permissions: "nope" })).toEqual(
      failed("default_permissions refers to undefined profile `nope`"),
    );
    expect(await refusal({})).toEqual(
      failed("config defines `[permissions]` profiles but does not set `default_permissions`"),
    );
    expect(await client.call("thread/start", { sandbox: "read-only" })).toMatchObject({
      activePermissionProfile: null,
    });
  });

  test("confines what a model runs, whatever a policy would say", async () => {
    const model = new Sayings();
    await using threads = await threadsHost(model.replies);
    const folder = secretIn(threads);
    configure(threads, mine(folder));
    configureTop(threads, 'default_permissions = "mine"');
    const client = await threads.client();
    const { thread } = await client.call("thread/start", { approvalPolicy: "never" });
    model.run(`cat ${folder}/word.txt; echo x > made && cat made`);
    await client.turn(thread.id, "read it");
    expect(lastOutput(threads)).not.toContain("open sesame");
    expect(lastOutput(threads)).toMatch(/x\n$/);
  });

  test("keeps closed what it denies, also where the user approves of more", async () => {
    const model = new Sayings();
    await using threads = await threadsHost(model.replies);
    const folder = secretIn(threads);
    configure(threads, mine(folder));
    const client = await threads.client();
    const { thread } = await client.call("thread/start", { permissions: "mine", approvalPolicy: "on-request" });
    const outside = join(threads.host.folder, "outside.txt");
    const asked = { sandbox_permissions: "require_escalated", justification: "Have to" };
    model.run(`echo yes > ${outside}; cat ${folder}/word.txt`, asked);
    const turnId = await client.begin(thread.id, "read it");
    const questions = () => client.raw.named("item/commandExecution/requestApproval");
    await until(() => questions().length > 0);
    client.raw.send({ id: questions()[0]?.id, result: { decision: "accept" } });
    await client.ended(turnId);
    expect(readFileSync(outside, "utf8")).toBe("yes\n");
    expect(lastOutput(threads)).not.toContain("open sesame");
  });

  test("is changed by settings before the turn that follows them", async () => {
    const model = new Sayings();
    await using threads = await threadsHost(model.replies);
    const folder = secretIn(threads);
    configure(threads, mine(folder));
    const client = await threads.client();
    const { id } = await client.start();
    model.run(`cat ${folder}/word.txt`);
    // Neither waits for the other.
    const changed = client.call("thread/settings/update", { threadId: id, permissions: "mine" });
    await client.turn(id, "read it");
    await changed;
    expect(lastOutput(threads)).not.toContain("open sesame");
    const [{ threadSettings }] = client.told("thread/settings/updated");
    expect(threadSettings.activePermissionProfile).toEqual({ id: "mine", extends: ":workspace" });
    const { message } = await client.refusal("turn/start", { threadId: id, input: [], permissions: "nope" });
    expect(message).toBe("failed to load configuration: default_permissions refers to undefined profile `nope`");
  });

  test("holds after a restart, as the configuration has it then, and as it was where that has it no more", async () => {
    const model = new Sayings();
    await using threads = await threadsHost(model.replies);
    const folder = secretIn(threads);
    const before = readFileSync(join(threads.codexHome, "config.toml"), "utf8");
    configure(threads, mine(folder));
    const client = await threads.client();
    const { thread } = await client.call("thread/start", { permissions: "mine", approvalPolicy: "never" });
    await client.turn(thread.id, "one");
    await threads.host.server.close();
    for (const config of [`${before}${mine(folder)}`, before]) {
      writeFileSync(join(threads.codexHome, "config.toml"), config);
      await using again = await threads.another();
      const second = await again.client();
      expect(await second.call("thread/resume", { threadId: thread.id })).toMatchObject({
        sandbox: { type: "workspaceWrite" },
        activePermissionProfile: { id: "mine", extends: ":workspace" },
      });
      model.run(`cat ${folder}/word.txt; echo x > made && cat made`);
      await second.turn(thread.id, "read it");
      expect(lastOutput(threads)).not.toContain("open sesame");
      expect(lastOutput(threads)).toMatch(/x\n$/);
    }
  });

  test("is told to the model", async () => {
    await using threads = await threadsHost();
    configure(threads, mine("/srv/secret"));
    const client = await threads.client();
    const { thread } = await client.call("thread/start", { permissions: "mine" });
    await client.turn(thread.id, "one");
    const told = JSON.stringify(threads.model.calls.at(-1)?.body);
    expect(told).toContain("- deny: /srv/secret");
    expect(told).toContain("- write: :project_roots");
  });
});
