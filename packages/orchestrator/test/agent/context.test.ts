import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ResponseItem } from "../../src/agent/index.ts";
import { openThread } from "./support/open-thread.ts";
import { calls, type Entry, said, scriptedModel } from "./support/scripted-model.ts";

/** Who says what in a request: the texts of its messages. */
function texts(input: readonly Entry[] = []): readonly (readonly [unknown, readonly string[]])[] {
  return input
    .filter(({ type }) => type === "message")
    .map(({ role, content }) => [role, (content as { text: string }[]).map(({ text }) => text)] as const);
}

describe("a request", () => {
  test("has the instructions first, then what the model has to know, then what was said", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    await thread.turn("hi", { developerInstructions: "Be brief." });
    expect(texts(model.calls[0]?.body.input)).toEqual([
      ["developer", [expect.stringMatching(/^You work on a software project/)]],
      [
        "developer",
        ["<developer_instructions>\nBe brief.\n</developer_instructions>", expect.stringMatching(/^<permissions>\n/)],
      ],
      ["user", [expect.stringMatching(/^<environment_context>\n {2}<cwd>.*<\/cwd>\n {2}<shell>/)]],
      ["user", ["hi"]],
    ]);
  });

  test("has the members and headers that providers know", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({
      config: `model_verbosity = "low"\n${model.config({ experimental_bearer_token: "secret-key" })}[model_providers.mock.query_params]\nversion = "1"\n[model_providers.mock.http_headers]\nX-Own = "own"\n`,
    });
    thread.say("hi");
    const outputSchema = { type: "object" };
    await thread.run({ kind: "answer", outputSchema }, { effort: "high", serviceTier: "fast" });
    const { body, headers, url } = model.calls[0] ?? {};
    expect(url).toBe("/v1/responses?version=1");
    expect(headers).toMatchObject({
      accept: "text/event-stream",
      authorization: "Bearer secret-key",
      "x-own": "own",
      "session-id": "thread-1",
      "thread-id": "thread-1",
      "user-agent": "holdfast/1.2.3",
      originator: "holdfast",
    });
    expect(body).toMatchObject({
      model: "model-1",
      stream: true,
      store: false,
      tool_choice: "auto",
      parallel_tool_calls: true,
      reasoning: { effort: "high", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      service_tier: "fast",
      prompt_cache_key: "thread-1",
      text: {
        verbosity: "low",
        format: { type: "json_schema", strict: true, name: "codex_output_schema", schema: outputSchema },
      },
      client_metadata: { thread_id: "thread-1", turn_id: "turn-1", "x-codex-window-id": "thread-1:0" },
    });
    expect(body?.tools?.map(({ name }) => name)).toEqual([
      "exec_command",
      "write_stdin",
      "apply_patch",
      "view_image",
      "update_plan",
      "request_user_input",
    ]);
  });

  test("has the very members that release 0.171.0 sends", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    await thread.turn("hi");
    expect(Object.keys(model.calls[0]?.body ?? {}).sort()).toEqual([
      "client_metadata",
      "include",
      "input",
      "model",
      "parallel_tool_calls",
      "prompt_cache_key",
      "reasoning",
      "store",
      "stream",
      "tool_choice",
      "tools",
    ]);
  });

  test("begins as the one before did, and tells only what has changed", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    await thread.turn("one");
    await thread.turn("two");
    await thread.turn("three", { sandboxPolicy: { type: "readOnly" } });
    const [first, second, third] = model.calls.map(({ body }) => body.input);
    expect(second?.slice(0, first?.length)).toEqual(first);
    expect(texts(second?.slice(first?.length))).toEqual([
      ["assistant", ["done"]],
      ["user", ["two"]],
    ]);
    expect(texts(third?.slice(second?.length))).toEqual([
      ["assistant", ["done"]],
      ["developer", [expect.stringContaining("write none")]],
      ["user", ["three"]],
    ]);
  });

  test("has the instructions of the user and of the project, from its root down", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    const deep = join(thread.folder, "a/b");
    mkdirSync(deep, { recursive: true });
    mkdirSync(join(thread.folder, ".git"));
    writeFileSync(join(thread.codexHome, "AGENTS.md"), "of the user");
    writeFileSync(join(thread.folder, "AGENTS.md"), "of the root");
    writeFileSync(join(deep, "AGENTS.md"), "not this");
    writeFileSync(join(deep, "AGENTS.override.md"), "of the folder");
    await thread.turn("hi", { cwd: deep, environments: [{ environmentId: "local", cwd: deep }] });
    expect(texts(model.calls[0]?.body.input)[2]?.[1][0]).toBe(
      `# AGENTS.md instructions for ${deep}\n\n<INSTRUCTIONS>\nof the user\n--- project-doc ---\n\nof the root\n\nof the folder\n</INSTRUCTIONS>`,
    );
  });

  test("has no more of them than the configuration lets", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: `project_doc_max_bytes = 4\n${model.config()}` });
    writeFileSync(join(thread.folder, "AGENTS.md"), "123456789");
    await thread.turn("hi");
    expect(JSON.stringify(model.calls[0]?.body.input)).toContain("<INSTRUCTIONS>\\n1234\\n</INSTRUCTIONS>");
  });

  test.for([
    ["the thread's", { baseInstructions: "of the thread" }, "", "of the thread"],
    ["a file's", {}, 'model_instructions_file = "words.md"\n', "of the file"],
  ] as const)("takes %s instructions in the place of ours", async ([, settings, config, expected]) => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: `${config}${model.config()}` });
    writeFileSync(join(thread.codexHome, "words.md"), "of the file");
    await thread.turn("hi", settings);
    expect(texts(model.calls[0]?.body.input)[0]).toEqual(["developer", [expected]]);
  });

  test("has no tools for commands where there is no environment", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    await thread.turn("hi", { environments: [] });
    expect(model.calls[0]?.body.tools?.map(({ name }) => name)).toEqual(["update_plan", "request_user_input"]);
  });

  test("mends a conversation that was cut, and leaves out what its keeper added", async () => {
    const history: ResponseItem[] = [
      { type: "function_call_output", call_id: "nobody", output: "x" },
      { ...calls("exec_command", { cmd: "x" }, "lost"), metadata: { history_sequence: 1 } },
      { type: "local_shell_call", call_id: "of-others", action: {} },
      { type: "function_call_output", call_id: "of-others", output: "y" },
      { ...said("words"), internal_chat_message_metadata_passthrough: {}, status: "completed" },
    ];
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config(), history });
    await thread.turn("hi");
    const input = model.calls[0]?.body.input.slice(1, 6);
    expect(input).toEqual([
      calls("exec_command", { cmd: "x" }, "lost"),
      { type: "function_call_output", id: expect.stringMatching(/^fco_/), call_id: "lost", output: "aborted" },
      { type: "local_shell_call", call_id: "of-others", action: {} },
      { type: "function_call_output", call_id: "of-others", output: "y" },
      said("words"),
    ]);
  });

  test("sends images and skills that people show, and says which it can not", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    const png = Buffer.from("89504e470d0a1a0a", "hex");
    writeFileSync(join(thread.folder, "a.png"), png);
    writeFileSync(join(thread.codexHome, "SKILL.md"), "Do it so.");
    thread.say("look", [
      { type: "localImage", path: join(thread.folder, "a.png") },
      { type: "image", url: "https://example.com/b.png" },
      { type: "localImage", path: join(thread.folder, "none.png") },
      { type: "skill", name: "s", path: join(thread.codexHome, "SKILL.md") },
      { type: "skill", name: "t", path: "/no/such" },
      { type: "mention", name: "m", path: "app://m" },
      { type: "hologram" } as never,
    ]);
    await thread.run({ kind: "answer" });
    expect(model.calls[0]?.body.input.at(-1)?.content).toEqual([
      { type: "input_text", text: "look" },
      { type: "input_image", image_url: `data:image/png;base64,${png.toString("base64")}`, detail: "high" },
      { type: "input_image", image_url: "https://example.com/b.png", detail: "high" },
      { type: "input_text", text: expect.stringMatching(/^\[the image .*none\.png could not be read: /) },
      {
        type: "input_text",
        text: `<skill>\n<name>s</name>\n<path>${join(thread.codexHome, "SKILL.md")}</path>\nDo it so.\n</skill>`,
      },
      { type: "input_text", text: expect.stringMatching(/^\[the skill t could not be read from \/no\/such: /) },
      { type: "input_text", text: "[mention m: app://m]" },
      { type: "input_text", text: "[input of the kind hologram, which can not be passed on]" },
    ]);
  });
});

describe("a provider", () => {
  test.for([
    ["", "Model provider `mock` not found"],
    ["[model_providers.mock]\n", "model_providers.mock has no base_url"],
    ['[model_providers.mock]\nbase_url = "nothing"\n', "model_providers.mock.base_url is no URL"],
    [
      '[model_providers.mock]\nbase_url = "file:///etc"\n',
      "model_providers.mock.base_url begins with file:; it must be http: or https:",
    ],
    [
      '[model_providers.mock]\nbase_url = "http://127.0.0.1:1"\nenv_key = "NO_SUCH"\nenv_key_instructions = "Get one."\n',
      "Missing environment variable: `NO_SUCH`. Get one.",
    ],
  ] as const)("that can not be used fails the turn: %j", async ([config, message]) => {
    await using thread = await openThread({ config });
    expect(await thread.turn("hi")).toMatchObject({ status: "failed", error: { message } });
    expect(thread.told("error")).toHaveLength(1);
    expect(thread.items()).toMatchObject([{ type: "userMessage" }]);
  });

  test("gets its key from a variable, which is told to nobody", async () => {
    await using model = await scriptedModel((answer, { headers }) => {
      expect(headers.authorization).toBe("Bearer very-secret");
      answer.writeHead(401).end("no");
    });
    await using thread = await openThread({
      config: model.config({ env_key: "MOCK_KEY", stream_max_retries: 0 }),
      services: { variables: { MOCK_KEY: "very-secret" } },
    });
    expect(await thread.turn("hi")).toMatchObject({ status: "failed" });
    expect(JSON.stringify([thread.events, thread.history])).not.toContain("very-secret");
  });
});
