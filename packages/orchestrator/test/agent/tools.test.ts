import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openThread } from "./support/open-thread.ts";
import { begin, calls, complete, type Entry, said, scriptedModel, send } from "./support/scripted-model.ts";

const SHELL = { login: false, shell: "/bin/sh" };
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const STUB = fileURLToPath(new URL("../support/mcp-stub.mjs", import.meta.url));

/** Outputs of calls in a request, by the ids of the calls. */
function outputs(input: readonly Entry[] = []): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    input.filter((item) => /_output$/.test(item.type)).map((item) => [item.call_id, item.output]),
  );
}

describe("the calls of a response", () => {
  test("begin when each has come, run side by side, and are answered in their order", async () => {
    let finish: (() => void) | undefined;
    await using model = await scriptedModel((answer) => {
      begin(answer);
      const waits = { cmd: "until [ -e go ]; do sleep 0.02; done; echo slow", ...SHELL };
      send(answer, { type: "response.output_item.done", item: calls("exec_command", waits, "call_1") });
      send(answer, {
        type: "response.output_item.done",
        item: calls("exec_command", { cmd: "touch go; echo quick", ...SHELL }, "call_2"),
      });
      finish = () => complete(answer);
    });
    await using thread = await openThread({ config: model.config() });
    const turn = thread.turn("run");
    await until(() => thread.items().filter(({ type }) => type === "commandExecution").length === 2);
    finish?.();
    expect(await turn).toEqual({ status: "completed" });
    const ids = model.calls[1]?.body.input
      .filter(({ type }) => type === "function_call_output")
      .map((item) => item.call_id);
    expect(ids).toEqual(["call_1", "call_2"]);
    expect(outputs(model.calls[1]?.body.input)).toMatchObject({
      call_1: expect.stringContaining("slow"),
      call_2: expect.stringContaining("quick"),
    });
  });

  test("are all run, 64 at once", async () => {
    const many = Array.from({ length: 64 }, (_, index) =>
      calls("exec_command", { cmd: `echo ran-${index}`, ...SHELL }, `call_${index}`),
    );
    await using model = await scriptedModel(many);
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    const given = outputs(model.calls[1]?.body.input);
    for (const index of many.keys()) expect(given[`call_${index}`]).toContain(`ran-${index}\n`);
  });

  test("are answered where they make no sense", async () => {
    const unknown = { type: "custom_tool_call", id: "x", call_id: "call_3", name: "nosuch", input: "" };
    await using model = await scriptedModel([
      calls("nosuch", {}, "call_1"),
      { ...calls("exec_command", {}, "call_2"), arguments: "{not json" },
      unknown,
      calls("exec_command", { cmd: 7 }, "call_4"),
      calls("exec_command", { cmd: "echo hi", ...SHELL }, "call_5"),
      calls("exec_command", { cmd: "echo twice", ...SHELL }, "call_5"),
      { type: "function_call", name: "update_plan", arguments: '{"plan":[{"step":"x"}]}', call_id: "call_6" },
      calls("exec_command", { cmd: "x", workdir: "\0" }, "call_7"),
    ]);
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    expect(outputs(model.calls[1]?.body.input)).toMatchObject({
      call_1: "unsupported call: nosuch",
      call_2: expect.stringMatching(/^failed to parse function arguments: /),
      call_3: "unsupported custom tool call: nosuch",
      call_4: expect.stringMatching(/^failed to parse function arguments: cmd must be a string/),
      call_6: expect.stringMatching(/^failed to parse function arguments: plan\[0\]/),
    });
  });

  test("of a response are no more than there may be", async () => {
    const many = Array.from({ length: 300 }, (_, index) => calls("nosuch", {}, `call_${index}`));
    await using model = await scriptedModel(many);
    await using thread = await openThread({ config: model.config() });
    await thread.turn("run");
    expect(outputs(model.calls[1]?.body.input)).toMatchObject({
      call_255: "unsupported call: nosuch",
      call_299: "not run: a response may have 256 calls",
    });
  });
});

describe("a command in a sandbox", () => {
  test("writes where the policy lets it, and nowhere else", async () => {
    await using model = await scriptedModel([
      calls("exec_command", { cmd: "touch inside && touch ../outside", ...SHELL }),
    ]);
    await using thread = await openThread({
      config: model.config(),
      settings: { sandboxPolicy: { type: "workspaceWrite", excludeSlashTmp: true, excludeTmpdirEnvVar: true } },
    });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    expect(thread.items()[1]).toMatchObject({ status: "failed", exitCode: 1 });
    expect([existsSync(join(thread.folder, "inside")), existsSync(join(thread.folder, "../outside"))]).toEqual([
      true,
      false,
    ]);
  });

  test("does not run under a policy that nobody knows", async () => {
    await using model = await scriptedModel([calls("exec_command", { cmd: "touch ran", ...SHELL })]);
    await using thread = await openThread({
      config: model.config(),
      settings: { sandboxPolicy: { type: "of-tomorrow" } as never },
    });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    expect(outputs(model.calls[1]?.body.input).call_1).toContain("of-tomorrow");
    expect(existsSync(join(thread.folder, "ran"))).toBe(false);
  });
});

describe("a command that runs on", () => {
  test("is typed into, and told of as one item", async () => {
    let session = 0;
    await using model = await scriptedModel(
      [calls("exec_command", { cmd: "read line; echo got $line", tty: true, yield_time_ms: 250, ...SHELL })],
      (answer, { body }) => {
        session = Number(/session ID (\d+)/.exec(String(body.input.at(-1)?.output))?.[1]);
        begin(answer);
        const item = calls("write_stdin", { session_id: session, chars: "words\n" }, "call_2");
        send(answer, { type: "response.output_item.done", item });
        complete(answer);
      },
    );
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    expect(outputs(model.calls[2]?.body.input).call_2).toContain("got words");
    expect(thread.told("item/commandExecution/terminalInteraction")).toEqual([
      { itemId: "call_1", processId: String(session), stdin: "words\n" },
    ]);
    await until(() => thread.items().some(({ id }) => id === "call_1"));
    expect(thread.items().filter(({ type }) => type === "commandExecution")).toHaveLength(1);
  });

  test("ends with the thread", async () => {
    await using model = await scriptedModel([
      calls("exec_command", { cmd: "echo $$ >pid; exec sleep 1000", yield_time_ms: 250, ...SHELL }),
    ]);
    await using thread = await openThread({ config: model.config() });
    await thread.turn("run");
    expect(thread.runtime.backgroundTerminals()).toMatchObject([{ itemId: "call_1", cwd: thread.folder }]);
    await thread.runtime[Symbol.asyncDispose]();
    expect(thread.runtime.backgroundTerminals()).toEqual([]);
    expect(thread.items().at(-1)).toMatchObject({ id: "call_1", status: "failed" });
  });
});

describe("approvals of commands", () => {
  const asks = (cmd: string, id: string) => calls("exec_command", { cmd, ...SHELL }, id);

  test("are not asked for again for what is allowed by its first words", async () => {
    await using model = await scriptedModel(
      [asks("echo a 1", "call_1")],
      [asks("echo a 2", "call_2")],
      [asks("echo b", "call_3")],
    );
    const decisions = [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: ["echo", "a"] } }, "decline"];
    await using thread = await openThread({
      config: model.config(),
      settings: { approvalPolicy: "untrusted" },
      answers: { "item/commandExecution/requestApproval": () => ({ decision: decisions.shift() }) },
    });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    expect(thread.told("item/commandExecution/requestApproval").map(({ itemId }) => itemId)).toEqual([
      "call_1",
      "call_3",
    ]);
    expect(thread.items().flatMap(({ type, status }) => (type === "commandExecution" ? [status] : []))).toEqual([
      "completed",
      "completed",
      "declined",
    ]);
    expect(outputs(model.calls[3]?.body.input).call_3).toBe("exec_command was not run: rejected by user");
  });

  test.for([{ decision: "whatever" }, { decision: { acceptWithExecpolicyAmendment: {} } }, {}])(
    "that nobody understands are refusals: %j",
    async (answer) => {
      await using model = await scriptedModel([asks("touch ran", "call_1")]);
      await using thread = await openThread({
        config: model.config(),
        settings: { approvalPolicy: "untrusted" },
        answers: { "item/commandExecution/requestApproval": () => answer },
      });
      expect(await thread.turn("run")).toEqual({ status: "completed" });
      expect(thread.items()[1]).toMatchObject({ status: "declined" });
    },
  );

  test("that fail are refusals", async () => {
    await using model = await scriptedModel([asks("touch ran", "call_1")]);
    await using thread = await openThread({
      config: model.config(),
      settings: { approvalPolicy: "untrusted" },
      answers: {
        "item/commandExecution/requestApproval": () => {
          throw new Error("not supported in exec mode");
        },
      },
    });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    expect(outputs(model.calls[1]?.body.input).call_1).toContain("not supported in exec mode");
  });

  test("that never come are refusals in the end", async () => {
    const clock = new FakeClock();
    await using model = await scriptedModel([
      asks("touch ran", "call_1"),
      calls("apply_patch", { input: "*** Begin Patch\n*** Add File: n\n+x\n*** End Patch" }, "call_2"),
    ]);
    await using thread = await openThread({
      config: model.config(),
      settings: { approvalPolicy: "untrusted" },
      services: { clock },
    });
    const turn = thread.turn("run");
    await until(() => thread.told("item/commandExecution/requestApproval").length === 1);
    await clock.advance(86_400_000);
    await until(() => thread.told("item/fileChange/requestApproval").length === 1);
    await clock.advance(86_400_000);
    expect(await turn).toEqual({ status: "completed" });
    expect(thread.items().slice(1, 3)).toMatchObject([
      { type: "commandExecution", status: "declined" },
      { type: "fileChange", status: "declined" },
    ]);
  });

  test("can not be had where nobody may be asked", async () => {
    await using model = await scriptedModel([
      calls("exec_command", { cmd: "touch ran", sandbox_permissions: "require_escalated", ...SHELL }),
    ]);
    await using thread = await openThread({
      config: model.config(),
      settings: { sandboxPolicy: { type: "readOnly" } },
    });
    expect(await thread.turn("run")).toEqual({ status: "completed" });
    expect(outputs(model.calls[1]?.body.input).call_1).toMatch(/^approval policy is Never; reject command/);
    expect(thread.items().map(({ type }) => type)).toEqual(["userMessage", "agentMessage"]);
  });
});

describe("a plan", () => {
  test("is told to who watches", async () => {
    const plan = [
      { step: "look", status: "completed" },
      { step: "do", status: "in_progress" },
    ];
    await using model = await scriptedModel([calls("update_plan", { explanation: "why", plan })]);
    await using thread = await openThread({ config: model.config() });
    await thread.turn("plan");
    expect(thread.told("turn/plan/updated")).toEqual([
      {
        explanation: "why",
        plan: [
          { step: "look", status: "completed" },
          { step: "do", status: "inProgress" },
        ],
      },
    ]);
    expect(outputs(model.calls[1]?.body.input).call_1).toBe("Plan updated");
  });
});

describe("an image", () => {
  test("of the environment is shown to the model, and told as an item", async () => {
    await using model = await scriptedModel([calls("view_image", { path: "pic.png" })]);
    await using thread = await openThread({ config: model.config() });
    writeFileSync(join(thread.folder, "pic.png"), PNG);
    await thread.turn("look");
    expect(thread.items()[1]).toMatchObject({ type: "imageView", id: "call_1", path: join(thread.folder, "pic.png") });
    const image_url = `data:image/png;base64,${PNG.toString("base64")}`;
    expect(outputs(model.calls[1]?.body.input).call_1).toEqual([{ type: "input_image", image_url, detail: "high" }]);
  });

  test.for([
    ["missing.png", /missing\.png: .*ENOENT/],
    ["text.png", /it is no image/],
    ["folder", /it is a folder/],
  ] as const)("that is none says so: %s", async ([path, words]) => {
    await using model = await scriptedModel([calls("view_image", { path })]);
    await using thread = await openThread({ config: model.config() });
    writeFileSync(join(thread.folder, "text.png"), "words");
    mkdirSync(join(thread.folder, "folder"));
    await thread.turn("look");
    expect(outputs(model.calls[1]?.body.input).call_1).toMatch(words);
  });
});

describe("a tool of an MCP server", () => {
  test("is offered in the namespace of its server, called, and told as an item", async () => {
    await using model = await scriptedModel([calls("say_meta", {}, "call_1", { namespace: "mcp__stub" })]);
    await using thread = await openThread({ config: `${model.config()}${stub()}` });
    expect(await thread.turn("call")).toEqual({ status: "completed" });
    const offered = model.calls[0]?.body.tools?.find(({ name }) => name === "mcp__stub");
    expect(offered).toMatchObject({
      type: "namespace",
      tools: expect.arrayContaining([expect.objectContaining({ type: "function", name: "say_meta", strict: false })]),
    });
    expect(thread.items()[1]).toMatchObject({
      type: "mcpToolCall",
      id: "call_1",
      server: "stub",
      tool: "say.meta",
      status: "completed",
      arguments: {},
    });
  });

  test("that may change something is asked about, and allowed for the session", async () => {
    const call = (id: string) => calls("say_meta", {}, id, { namespace: "mcp__stub" });
    await using model = await scriptedModel([call("call_1")], [call("call_2")], [call("call_3")]);
    const answers = [{ action: "decline" }, { action: "accept", content: null, _meta: { persist: "session" } }];
    await using thread = await openThread({
      config: `${model.config()}${stub('default_tools_approval_mode = "prompt"\n')}`,
      settings: { approvalPolicy: "on-request", sandboxPolicy: { type: "readOnly" } },
      answers: { "mcpServer/elicitation/request": () => answers.shift() },
    });
    expect(await thread.turn("call")).toEqual({ status: "completed" });
    expect(thread.told("mcpServer/elicitation/request")).toHaveLength(2);
    expect(thread.told("mcpServer/elicitation/request")[0]).toMatchObject({
      mode: "form",
      message: 'Allow the stub MCP server to run tool "say.meta"?',
      _meta: { codex_approval_kind: "mcp_tool_call", tool_name: "say.meta", tool_params: {} },
    });
    const told = thread.items().filter(({ type }) => type === "mcpToolCall");
    expect(told.map(({ status, error }) => [status, error?.message])).toEqual([
      ["failed", "user rejected MCP tool call"],
      ["completed", undefined],
      ["completed", undefined],
    ]);
  });

  test("is refused where it would have to be asked about and nobody may be", async () => {
    await using model = await scriptedModel([calls("say_meta", {}, "call_1", { namespace: "mcp__stub" })]);
    await using thread = await openThread({
      config: `${model.config()}${stub('default_tools_approval_mode = "prompt"\n')}`,
      settings: { sandboxPolicy: { type: "readOnly" } },
    });
    await thread.turn("call");
    const message = "MCP tool call requires approval, but approval policy is never";
    expect(thread.items()[1]).toMatchObject({ status: "failed", error: { message } });
  });

  test("that is slow to start holds back the request, and not what was said; an interruption gives it up", async () => {
    await using model = await scriptedModel();
    const never = '[mcp_servers.never]\ncommand = "sleep"\nargs = ["1000"]\n';
    await using thread = await openThread({ config: `${model.config()}${never}` });
    const turn = thread.turn("hi");
    await until(() => thread.items().length === 1);
    expect(model.calls).toEqual([]);
    thread.interrupt();
    expect(await turn).toEqual({ status: "interrupted" });
  });

  test("lets what is said while it starts be part of the first request", async () => {
    await using model = await scriptedModel();
    const slow =
      '[mcp_servers.slow]\ncommand = "/bin/sh"\nargs = ["-c", "until [ -e go ]; do sleep 0.02; done; exit 1"]\n';
    await using thread = await openThread({
      config: `mcp_optional_startup_grace_ms = 60000\n${model.config()}${slow}`,
    });
    const turn = thread.turn("one");
    await until(() => thread.items().length === 1);
    thread.say("two");
    writeFileSync(join(thread.folder, "go"), "");
    expect(await turn).toEqual({ status: "completed" });
    expect(model.calls).toHaveLength(1);
    expect(JSON.stringify(model.calls[0]?.body.input)).toContain('"two"');
  });

  test("that does not start is left out", async () => {
    await using model = await scriptedModel();
    const broken = '[mcp_servers.broken]\ncommand = "/no/such/program"\n';
    await using thread = await openThread({ config: `${model.config()}${broken}` });
    expect(await thread.turn("hi")).toEqual({ status: "completed" });
    expect(model.calls[0]?.body.tools?.map(({ name }) => name)).not.toContain("mcp__broken");
  });

  function stub(more = ""): string {
    const pids = "/dev/null";
    return `[mcp_servers.stub]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([STUB, pids])}\n${more}`;
  }
});

describe("a search of the provider", () => {
  test("is offered where the configuration lets it, and told as an item", async () => {
    const searched = {
      type: "web_search_call",
      id: "ws_1",
      status: "completed",
      action: { type: "search", query: "words" },
    };
    await using model = await scriptedModel([
      searched,
      { type: "web_search_call", action: { type: "new" } },
      said("found"),
    ]);
    await using thread = await openThread({ config: `web_search = "live"\n${model.config()}` });
    await thread.turn("search");
    expect(model.calls[0]?.body.tools?.at(-1)).toEqual({ type: "web_search", external_web_access: true });
    expect(thread.items().slice(1, 3)).toMatchObject([
      { type: "webSearch", id: "ws_1", query: "words", action: { type: "search", query: "words", queries: null } },
      { type: "webSearch", id: expect.stringMatching(/^ws_/), query: "", action: { type: "other" } },
    ]);
    await thread.turn("on");
    expect(model.calls[1]?.body.input).toContainEqual(searched);
  });
});

describe("a tool of a client", () => {
  const tool = { type: "function", name: "ring", description: "Rings.", inputSchema: { type: "object" } } as const;

  test("is called by a question, and told as an item", async () => {
    await using model = await scriptedModel([calls("ring", { n: 1 })]);
    await using thread = await openThread({
      config: model.config(),
      settings: { dynamicTools: [tool] },
      answers: {
        "item/tool/call": ({ arguments: args }) => ({
          success: true,
          contentItems: [{ type: "inputText", text: `rang ${args.n}` }],
        }),
      },
    });
    expect(await thread.turn("ring")).toEqual({ status: "completed" });
    expect(model.calls[0]?.body.tools).toContainEqual({
      type: "function",
      name: "ring",
      description: "Rings.",
      strict: false,
      parameters: { type: "object" },
    });
    expect(thread.told("item/tool/call")).toEqual([
      { callId: "call_1", namespace: null, tool: "ring", arguments: { n: 1 } },
    ]);
    expect(thread.items()[1]).toMatchObject({ type: "dynamicToolCall", status: "completed", success: true });
    expect(outputs(model.calls[1]?.body.input).call_1).toEqual([{ type: "input_text", text: "rang 1" }]);
  });

  test("whose loading is put off is not offered, but taken", async () => {
    const space = {
      type: "namespace",
      name: "ui",
      description: "d",
      tools: [{ ...tool, deferLoading: true }],
    } as const;
    await using model = await scriptedModel([calls("ring", {}, "call_1", { namespace: "ui" })]);
    await using thread = await openThread({
      config: model.config(),
      settings: { dynamicTools: [space as never] },
      answers: { "item/tool/call": () => ({ success: false, contentItems: [] }) },
    });
    await thread.turn("ring");
    expect(model.calls[0]?.body.tools?.map(({ name }) => name)).not.toContain("ui");
    expect(thread.items()[1]).toMatchObject({ status: "failed", success: false, namespace: "ui" });
  });
});

describe("a command of the user", () => {
  test("runs without a sandbox as a turn of its own, and the model hears of it later", async () => {
    await using model = await scriptedModel([said("ok")]);
    await using thread = await openThread({
      config: model.config(),
      settings: { sandboxPolicy: { type: "readOnly" } },
    });
    expect(await thread.run({ kind: "shell-command", command: "echo mine; touch made" })).toEqual({
      status: "completed",
    });
    expect(thread.items()).toMatchObject([
      {
        type: "commandExecution",
        source: "userShell",
        processId: null,
        status: "completed",
        exitCode: 0,
        aggregatedOutput: expect.stringMatching(/^mine$/m),
      },
    ]);
    expect(model.calls).toEqual([]);
    await thread.turn("and?");
    expect(JSON.stringify(model.calls[0]?.body.input)).toMatch(
      /<user_shell_command>\\n<command>\\necho mine; touch made\\n<\/command>\\n<result>\\nExit code: 0\\nDuration: [\d.]+ seconds\\nOutput:[\s\S]*\\nmine\\n[\s\S]*<\/result>/,
    );
  });

  test("is ended by an interruption, and what is told is whole", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    const turn = thread.run({ kind: "shell-command", command: "echo begun; sleep 1000" });
    await until(() => thread.told("item/commandExecution/outputDelta").some(({ delta }) => delta.includes("begun\n")));
    thread.interrupt();
    expect(await turn).toEqual({ status: "interrupted" });
    expect(thread.items()).toMatchObject([
      { source: "userShell", status: "failed", aggregatedOutput: expect.stringMatching(/^begun$/m) },
    ]);
  });

  test("runs beside a turn", async () => {
    let finish: (() => void) | undefined;
    await using model = await scriptedModel((answer) => {
      begin(answer);
      finish = () => complete(answer);
    });
    await using thread = await openThread({ config: model.config() });
    const turn = thread.turn("hi");
    await until(() => finish !== undefined);
    await thread.beside("echo beside");
    expect(thread.items().at(-1)).toMatchObject({
      source: "userShell",
      aggregatedOutput: expect.stringMatching(/^beside$/m),
    });
    finish?.();
    expect(await turn).toEqual({ status: "completed" });
  });
});
