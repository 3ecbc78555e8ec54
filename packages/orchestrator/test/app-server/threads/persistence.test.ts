import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { calls, said } from "../../agent/support/scripted-model.ts";
import { type Told, threadsHost } from "./threads-host.ts";

/** The records of a file. */
function recordsOf(path: string): readonly Told[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

const SAID = ["sessionId", "preview", "turns"];

describe("a thread on the disk", () => {
  test("is a file by its time and id, made when somebody says something", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id, path, createdAt } = await client.start();
    const made = new Date(createdAt * 1_000);
    const two = (part: number) => String(part).padStart(2, "0");
    const day = [made.getFullYear(), two(made.getMonth() + 1), two(made.getDate())];
    expect(path).toMatch(
      new RegExp(`sessions/${day.join("/")}/rollout-${day.join("-")}T\\d\\d-\\d\\d-\\d\\d-${id}\\.jsonl$`),
    );
    expect(existsSync(path)).toBe(false);
    await client.turn(id, "one");
    const [meta, ...records] = recordsOf(path);
    expect(meta).toMatchObject({
      ordinal: 0,
      type: "session_meta",
      payload: {
        id,
        session_id: id,
        cwd: threads.host.cwd,
        originator: "raw",
        source: "vscode",
        history_mode: "paginated",
      },
    });
    expect(records.map(({ ordinal }) => ordinal)).toEqual(records.map((_, at) => at + 1));
    expect(records.map(({ type, payload }) => (type === "event_msg" ? payload.type : type))).toEqual([
      "task_started",
      "turn_context",
      "thread_settings_applied",
      "response_item",
      "response_item",
      "item_completed",
      "response_item",
      "item_completed",
      "response_item",
      "token_count",
      "task_complete",
    ]);
  });

  test("keeps what it was told to be, and has the model know it after a restart", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const given = {
      baseInstructions: "You are a poet.",
      developerInstructions: "Rhyme.",
      config: { model_verbosity: "low", "tools.web_search": false },
      serviceTier: "flex",
    };
    const { id, path } = await client.start(given);
    await client.turn(id, "one");
    const [{ payload: meta }, ...records] = recordsOf(path);
    // As Codex keeps what a client has given.
    expect(meta.base_instructions).toEqual({ text: "You are a poet.", provenance: { type: "custom" } });
    const applied = records.find(({ payload }) => payload.type === "thread_settings_applied")?.payload.thread_settings;
    expect(applied).toMatchObject({ developer_instructions: "Rhyme.", config: given.config, service_tier: "flex" });
    expect(applied).not.toHaveProperty("base_instructions");
    await threads.host.server.close();

    await using again = await threads.another();
    const second = await again.client();
    await second.call("thread/resume", { threadId: id });
    await second.turn(id, "two");
    const { body } = threads.model.calls.at(-1) ?? {};
    const sent = JSON.stringify(body?.input);
    expect(body?.text).toEqual({ verbosity: "low" });
    expect(body?.service_tier).toBe("flex");
    expect(sent).toContain("You are a poet.");
    // It is not told twice, and told again when the conversation is made shorter.
    expect(sent.match(/Rhyme\./g)).toHaveLength(1);
    await second.call("thread/compact/start", { threadId: id });
    await until(() => second.told("turn/completed").length === 2);
    await second.turn(id, "three");
    expect(JSON.stringify(threads.model.calls.at(-1)?.body.input)).toContain("Rhyme.");
  });

  test("is told otherwise by who resumes it, which is kept as well", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start({ baseInstructions: "A", developerInstructions: "B", config: { x: 1, y: 2 } });
    await client.turn(id, "one");
    await threads.host.server.close();
    const wishes = [{ baseInstructions: "C", developerInstructions: "D", config: { x: 3 } }, {}];
    for (const wish of wishes) {
      await using again = await threads.another();
      const next = await again.client();
      await next.call("thread/resume", { threadId: id, ...wish });
      await next.turn(id, "more");
      const input = JSON.stringify(threads.model.calls.at(-1)?.body.input);
      expect(input).toContain('"text":"C"');
      expect(input).not.toContain('"text":"A"');
      expect(input).toContain("D\\n</developer_instructions>");
    }
    await using last = await threads.another();
    const { thread } = await (await last.client()).call("thread/read", { threadId: id });
    const applied = recordsOf(thread.path).findLast(({ payload }) => payload.type === "thread_settings_applied");
    expect(applied?.payload.thread_settings).toMatchObject({ base_instructions: "C", config: { x: 3, y: 2 } });
  });

  test("goes on in another server, with all that was said and held", async () => {
    await using threads = await threadsHost([
      [said("1", "msg_a")],
      [calls("exec_command", { cmd: "echo x" })],
      [said("2", "msg_b")],
    ]);
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "one");
    await client.turn(id, "two", { model: "model-2", effort: "high" });
    await client.call("thread/settings/update", { threadId: id, permissions: ":read-only" });
    const before = await client.call("thread/read", { threadId: id, includeTurns: true });
    await threads.host.server.close();

    await using again = await threads.another();
    const second = await again.client();
    const stored = await second.call("thread/read", { threadId: id, includeTurns: true });
    expect(stored.thread.turns).toEqual(before.thread.turns);
    const resumed = await second.call("thread/resume", { threadId: id });
    expect(resumed).toMatchObject({
      model: "model-2",
      reasoningEffort: "high",
      approvalPolicy: "never",
      sandbox: { type: "readOnly" },
    });
    for (const member of SAID) expect(resumed.thread[member]).toEqual(before.thread[member]);
    expect(second.told("thread/tokenUsage/updated")).toMatchObject([
      { threadId: id, tokenUsage: { total: { totalTokens: 315 } } },
    ]);
    await second.turn(id, "three");
    const { input } = threads.model.calls.at(-1)?.body ?? { input: [] };
    const spoken = input.flatMap(({ type, role, call_id: call }) =>
      type === "message" ? [role] : [`${type} ${call}`],
    );
    // What is allowed now is less than before, of which the model is told.
    expect(spoken.slice(-5)).toEqual([
      "function_call call_1",
      "function_call_output call_1",
      "assistant",
      "developer",
      "user",
    ]);
  });

  test.each([[[]], [[{ environmentId: "local", cwd: "/" }]]])("works where it did before: %j", async (environments) => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start({ environments });
    await client.turn(id, "one");
    await threads.host.server.close();
    await using again = await threads.another();
    const resumed = await (await again.client()).call("thread/resume", { threadId: id });
    const places = resumed.thread.environments.map(({ environmentId, cwd }: Told) => ({ environmentId, cwd }));
    expect(places).toEqual(environments);
  });

  test("means an environment that is gone, and no other", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id, path } = await client.start();
    await client.turn(id, "one");
    await threads.host.server.close();
    writeFileSync(path, readFileSync(path, "utf8").replaceAll('"environment_id":"local"', '"environment_id":"moon"'));
    await using again = await threads.another();
    const resumed = await (await again.client()).call("thread/resume", { threadId: id });
    expect(resumed.thread.environments).toMatchObject([{ environmentId: "moon" }]);
  });

  test("with a selection of capabilities keeps it", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const root = { id: "r", location: { type: "environment", environmentId: "local", path: "file:///skills" } };
    const { id, path } = await client.start({ selectedCapabilityRoots: [root] });
    await client.turn(id, "one");
    expect(recordsOf(path)[0].payload.selected_capability_roots).toEqual([root]);
  });

  test("that was cut in the middle of a record goes on without it", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id, path } = await client.start();
    await client.turn(id, "one");
    await threads.host.server.close();
    appendFileSync(path, '{"timestamp":"2026-11-30T21:39:16.333Z","ordinal":99,"type":"event_');
    await using again = await threads.another();
    const second = await again.client();
    const { thread } = await second.call("thread/resume", { threadId: id });
    expect(thread.turns).toHaveLength(1);
    await second.turn(id, "two");
    expect(recordsOf(path).map(({ ordinal }) => ordinal)).toEqual(recordsOf(path).map((_, at) => at));
  });

  test("whose last record lacks its end keeps the record", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id, path } = await client.start();
    await client.turn(id, "one");
    await threads.host.server.close();
    const records = recordsOf(path).length;
    truncateSync(path, readFileSync(path).length - 1);
    await using again = await threads.another();
    const second = await again.client();
    await second.call("thread/resume", { threadId: id });
    await second.turn(id, "two");
    expect(recordsOf(path).length).toBeGreaterThan(records);
    expect(recordsOf(path).map(({ ordinal }) => ordinal)).toEqual(recordsOf(path).map((_, at) => at));
  });

  test("whose turn had no end is interrupted, and every call in it is answered", async () => {
    await using threads = await threadsHost([[calls("exec_command", { cmd: "true" })], [said("on")]]);
    const client = await threads.client();
    const { id, path } = await client.start();
    await client.turn(id, "one");
    await threads.host.server.close();
    const lines = readFileSync(path, "utf8").split("\n");
    const call = lines.findIndex((line) => line.includes('"type":"function_call"'));
    writeFileSync(
      path,
      lines
        .slice(0, call + 1)
        .map((line) => `${line}\n`)
        .join(""),
    );
    await using again = await threads.another();
    const second = await again.client();
    const { thread } = await second.call("thread/resume", { threadId: id });
    expect(thread.turns.map(({ status }: Told) => status)).toEqual(["interrupted"]);
    await second.turn(id, "two");
    const { input } = threads.model.calls.at(-1)?.body ?? { input: [] };
    expect(input.filter(({ call_id: of }) => of === "call_1")).toMatchObject([
      { type: "function_call" },
      { type: "function_call_output", output: "aborted" },
    ]);
  });

  test("with broken and unknown lines in the middle is read without them", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id, path } = await client.start();
    await client.turn(id, "one");
    await threads.host.server.close();
    const [meta, ...rest] = readFileSync(path, "utf8").split("\n");
    const odd = ["{", "[]", '{"type":"x"}', '{"ordinal":1,"type":"thing_of_tomorrow","payload":{}}', "\0\0", ""];
    writeFileSync(path, [meta, ...odd, ...rest].join("\n"));
    await using again = await threads.another();
    const second = await again.client();
    expect((await second.call("thread/resume", { threadId: id })).thread.turns).toHaveLength(1);
  });

  test.each<[string, string, RegExp]>([
    ["is empty", "", /^rollout at .* is empty$/],
    ["is foreign", "hello\n", /^rollout at .* is empty$/],
    ["begins with something else", '{"type":"event_msg","payload":{}}\n', /does not start with session metadata$/],
    [
      "lacks members",
      '{"ordinal":0,"type":"session_meta","payload":{"id":"x"}}\n',
      /does not start with session metadata$/,
    ],
    [
      "has no ordinals",
      '{"type":"session_meta","payload":{"id":"x","timestamp":"2026-01-01T00:00:00Z","cwd":"/","originator":"o","cli_version":"1","history_mode":"paginated"}}\n',
      /has no ordinal on its last line$/,
    ],
  ])("whose file %s is refused", async (_, text, message) => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id, path } = await client.start();
    await client.turn(id, "one");
    await client.call("thread/unsubscribe", { threadId: id });
    await threads.host.server.close();
    writeFileSync(path, text);
    await using again = await threads.another();
    const refusal = await (await again.client()).refusal("thread/resume", { threadId: id });
    expect(refusal).toEqual({ code: -32600, message: expect.stringMatching(message) });
  });

  test("of an old release goes on as it was", async () => {
    await using threads = await threadsHost([[said("1", "msg_a")], [said("2", "msg_b")]]);
    const client = await threads.client();
    const { id, path, historyMode } = await client.start({ historyMode: "legacy" });
    expect(historyMode).toBe("legacy");
    await client.turn(id, "one");
    await threads.host.server.close();
    expect(recordsOf(path).map(({ ordinal }) => ordinal)).toEqual(recordsOf(path).map(() => undefined));
    expect(recordsOf(path)).toMatchObject([
      { payload: { id } },
      { payload: { type: "task_started" } },
      {},
      {},
      {},
      {},
      { payload: { type: "user_message", message: "one" } },
      {},
      { payload: { type: "agent_message", message: "1" } },
      {},
      {},
      {},
    ]);
    await using again = await threads.another();
    const second = await again.client();
    const { thread } = await second.call("thread/resume", { threadId: id });
    expect(thread.turns[0].items.map(({ type }: Told) => type)).toEqual(["userMessage", "agentMessage"]);
    await second.turn(id, "two");
    expect((await second.call("thread/turns/list", { threadId: id })).data).toHaveLength(2);
  });

  test("is loaded by one server at a time, and read by all", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "one");
    await using other = await threads.another();
    const second = await other.client();
    expect(await second.refusal("thread/resume", { threadId: id })).toEqual({
      code: -32600,
      message: expect.stringMatching(/^thread .* is in use by another app server/),
    });
    expect((await second.call("thread/read", { threadId: id, includeTurns: true })).thread.turns).toHaveLength(1);
    expect((await second.call("thread/list", {})).data).toHaveLength(1);
    await threads.host.server.close();
    expect(readdirSync(join(threads.codexHome, "thread-writer-locks"))).toEqual([]);
    await second.call("thread/resume", { threadId: id });
    expect((await second.turn(id, "two")).status).toBe("completed");
  });

  test("is taken from a server that is gone", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "one");
    await threads.host.server.close();
    const [gone, nobody] = [spawnSync("true").pid, "who knows"];
    for (const holder of [gone, nobody]) {
      writeFileSync(join(threads.codexHome, "thread-writer-locks", `${id}.holdfast`), `${holder}\n`);
      await using again = await threads.another();
      await (await again.client()).call("thread/resume", { threadId: id });
    }
  });

  test("that another program has written to is loaded anew", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id, path } = await client.start();
    await client.turn(id, "one");
    const last = recordsOf(path).at(-1);
    const said = { type: "message", role: "user", content: [{ type: "input_text", text: "from elsewhere" }] };
    appendFileSync(
      path,
      `${JSON.stringify({ ...last, ordinal: last.ordinal + 1, type: "response_item", payload: said })}\n`,
    );
    expect(await client.turn(id, "two")).toMatchObject({
      status: "failed",
      error: { message: expect.stringMatching(/^another program has written to .*: resume the thread to go on/) },
    });
    await client.call("thread/resume", { threadId: id });
    await client.turn(id, "three");
    expect(JSON.stringify(threads.model.calls.at(-1)?.body.input)).toMatch(/from elsewhere.*three/);
    expect(recordsOf(path).map(({ ordinal }) => ordinal)).toEqual(recordsOf(path).map((_, at) => at));
  });
});
