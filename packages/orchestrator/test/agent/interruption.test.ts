import { writeFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openThread } from "./support/open-thread.ts";
import { begin, calls, complete, said, scriptedModel, send } from "./support/scripted-model.ts";

const SHELL = { login: false, shell: "/bin/sh" };

describe("an interruption", () => {
  test("drops what is said half, and tells the next request that it was stopped", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      send(answer, { type: "response.output_item.added", item: { ...said("", "msg_9"), content: [] } });
      send(answer, { type: "response.output_text.delta", delta: "half" });
    });
    await using thread = await openThread({ config: model.config() });
    const turn = thread.turn("hi");
    await until(() => thread.told("item/agentMessage/delta").length === 1);
    thread.interrupt();
    expect(await turn).toEqual({ status: "interrupted" });
    await until(() => model.calls[0]?.signal.aborted === true);
    expect(thread.items().map(({ type }) => type)).toEqual(["userMessage"]);
    await thread.turn("go on");
    const input = model.calls[1]?.body.input ?? [];
    expect(JSON.stringify(input)).not.toContain("half");
    expect(input.slice(-3).map(({ content }) => JSON.stringify(content))).toEqual([
      expect.stringContaining('"hi"'),
      expect.stringContaining("<turn_aborted>"),
      expect.stringContaining('"go on"'),
    ]);
  });

  test("leaves a command running in the background, which is told to its end with its own turn", async () => {
    await using model = await scriptedModel([
      calls("exec_command", { cmd: "echo begun; until [ -e go ]; do sleep 0.02; done; echo ended", ...SHELL }),
    ]);
    await using thread = await openThread({ config: model.config() });
    const turn = thread.turn("run");
    await until(() => thread.told("item/commandExecution/outputDelta").length === 1);
    thread.interrupt();
    expect(await turn).toEqual({ status: "interrupted" });
    const [terminal] = thread.runtime.backgroundTerminals();
    expect(terminal).toMatchObject({ itemId: "call_1" });
    expect(thread.history.find(({ type }) => type === "function_call_output")?.output).toMatch(
      /^Wall time: \d+\.\d seconds\naborted by user$/,
    );
    await thread.turn("next");
    expect(model.calls[1]?.body.input.filter(({ type }) => type === "function_call_output")).toHaveLength(1);
    writeFileSync(`${thread.folder}/go`, "");
    await until(() => thread.items().some(({ type, status }) => type === "commandExecution" && status === "completed"));
    const end = thread.events.find(({ name, params }) => name === "item/completed" && params.item.id === "call_1");
    expect(end).toMatchObject({ turnId: "turn-1", params: { item: { aggregatedOutput: "begun\nended\n" } } });
    expect(thread.runtime.backgroundTerminals()).toEqual([]);
  });

  test("withdraws what somebody is being asked, and runs nothing", async () => {
    await using model = await scriptedModel([calls("exec_command", { cmd: "touch ran", ...SHELL })]);
    let withdrawn = false;
    await using thread = await openThread({
      config: model.config(),
      settings: { approvalPolicy: "untrusted" },
      answers: {
        "item/commandExecution/requestApproval": (_, signal) =>
          new Promise(() => signal.addEventListener("abort", () => (withdrawn = true))),
      },
    });
    const turn = thread.turn("run");
    await until(() => thread.told("item/commandExecution/requestApproval").length === 1);
    thread.interrupt();
    expect(await turn).toEqual({ status: "interrupted" });
    await until(() => withdrawn);
    expect(thread.items().filter(({ status }) => status === "completed")).toEqual([]);
  });

  test("ends the turn where the user cancels what it asks for, and declines the command", async () => {
    await using model = await scriptedModel([calls("exec_command", { cmd: "touch ran", ...SHELL })]);
    await using thread = await openThread({
      config: model.config(),
      settings: { approvalPolicy: "untrusted" },
      answers: { "item/commandExecution/requestApproval": () => ({ decision: "cancel" }) },
    });
    expect(await thread.turn("run")).toEqual({ status: "interrupted" });
    expect(thread.items().at(-1)).toMatchObject({ id: "call_1", status: "declined", exitCode: null });
    expect(model.calls).toHaveLength(1);
  });

  test("before anything was asked keeps what was said", async () => {
    await using model = await scriptedModel();
    await using thread = await openThread({ config: model.config() });
    const turn = thread.turn("hi");
    thread.interrupt();
    expect(await turn).toEqual({ status: "interrupted" });
    expect(thread.items()).toMatchObject([{ type: "userMessage", content: [{ text: "hi" }] }]);
    await thread.turn("go on");
    expect(JSON.stringify(model.calls.at(-1)?.body.input)).toContain('"hi"');
  });

  test("ends a turn that is about to try again", async () => {
    await using model = await scriptedModel((answer) => void answer.writeHead(503).end("busy"));
    await using thread = await openThread({ config: model.config({ request_max_retries: 0 }) });
    const turn = thread.turn("hi");
    await until(() => thread.told("error").length === 1);
    thread.interrupt();
    expect(await turn).toEqual({ status: "interrupted" });
  });
});

describe("a thread that can not be kept any more", () => {
  test("fails its turn, and nothing else", async () => {
    await using model = await scriptedModel([calls("exec_command", { cmd: "echo x", ...SHELL })]);
    await using thread = await openThread({
      config: model.config(),
      onRecord: (items) => {
        if (items.some(({ type }) => type === "function_call_output"))
          throw new Error("ENOSPC: no space left on device");
      },
      onEmit: (name, params) => {
        if (name === "item/completed" && params.item.type === "commandExecution") throw new Error("ENOSPC");
      },
    });
    expect(await thread.turn("run")).toMatchObject({
      status: "failed",
      error: { message: "ENOSPC: no space left on device" },
    });
  });
});

describe("what is said during a turn", () => {
  test("cuts the request that is under way, and is part of the next", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      send(answer, { type: "response.output_item.done", item: said("first part", "msg_1") });
      send(answer, { type: "response.output_item.added", item: { ...said("", "msg_2"), content: [] } });
      send(answer, { type: "response.output_text.delta", delta: "half" });
    });
    await using thread = await openThread({ config: model.config() });
    const turn = thread.turn("hi");
    await until(() => thread.told("item/agentMessage/delta").length === 1);
    thread.say("rather this");
    expect(await turn).toEqual({ status: "completed" });
    const input = model.calls[1]?.body.input.slice(-3).map(({ role, content }) => [role, JSON.stringify(content)]);
    expect(input).toEqual([
      ["user", expect.stringContaining('"hi"')],
      ["assistant", expect.stringContaining("first part")],
      ["user", expect.stringContaining("rather this")],
    ]);
    expect(thread.items().map(({ id }) => id)).not.toContain("msg_2");
    expect(thread.told("error")).toEqual([]);
  });

  test("waits for a command that runs, and comes behind its output", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      send(answer, {
        type: "response.output_item.done",
        item: calls("exec_command", { cmd: "echo begun; until [ -e go ]; do sleep 0.02; done", ...SHELL }),
      });
      complete(answer);
    });
    await using thread = await openThread({ config: model.config() });
    const turn = thread.turn("hi");
    await until(() => thread.told("item/commandExecution/outputDelta").length === 1);
    thread.say("also this");
    writeFileSync(`${thread.folder}/go`, "");
    expect(await turn).toEqual({ status: "completed" });
    expect(model.calls[1]?.body.input.slice(-2).map(({ type }) => type)).toEqual(["function_call_output", "message"]);
    expect(model.calls[1]?.body.input.at(-2)?.output).toContain("begun");
  });
});
