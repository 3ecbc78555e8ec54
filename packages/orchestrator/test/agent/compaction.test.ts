import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { openThread } from "./support/open-thread.ts";
import { begin, calls, complete, type Entry, said, scriptedModel, send } from "./support/scripted-model.ts";

function texts(input: readonly Entry[] = []): readonly string[] {
  return input.flatMap(({ content }) => (Array.isArray(content) ? content.map(({ text }) => text as string) : []));
}

const usage = (total: number) => ({ usage: { input_tokens: total, output_tokens: 0, total_tokens: total } });

describe("a conversation that is made shorter", () => {
  test("is asked for without tools, and becomes what was said and a summary", async () => {
    await using model = await scriptedModel(
      [calls("exec_command", { cmd: "echo x", login: false, shell: "/bin/sh" })],
      [said("one done")],
      [said("THE SUMMARY", "msg_s")],
    );
    await using thread = await openThread({ config: model.config() });
    await thread.turn("one");
    await thread.run({ kind: "shell-command", command: "true" });
    expect(await thread.run({ kind: "compact" })).toEqual({ status: "completed" });
    const asked = model.calls[2]?.body;
    expect(asked?.tools).toBeUndefined();
    expect(asked?.client_metadata).toMatchObject({ "x-codex-turn-metadata": expect.stringContaining('"compaction"') });
    expect(texts(asked?.input).at(-1)).toMatch(/made shorter/);
    expect(thread.items().at(-1)).toMatchObject({ type: "contextCompaction" });
    await thread.turn("two");
    const next = model.calls[3]?.body;
    expect(next?.client_metadata).toMatchObject({ "x-codex-window-id": "thread-1:1" });
    expect(next?.input.map(({ type }) => type)).not.toContain("function_call");
    expect(texts(next?.input).slice(-3)).toEqual(["one", expect.stringContaining("THE SUMMARY"), "two"]);
    expect(texts(next?.input).filter((text) => text.startsWith("<environment_context>"))).toHaveLength(1);
    expect(texts(next?.input).join()).not.toContain("<user_shell_command>");
    const { last, total } = thread
      .told("thread/tokenUsage/updated")
      .find(({ tokenUsage }) => tokenUsage.last.inputTokens === 0).tokenUsage;
    expect(last).toMatchObject({ inputTokens: 0, outputTokens: 0 });
    expect([last.totalTokens > 0, total.totalTokens]).toEqual([true, 315]);
  });

  test("is made so by itself when it fills the window, in the middle of a turn", async () => {
    await using model = await scriptedModel(
      (answer) => {
        begin(answer);
        const item = calls("exec_command", { cmd: "echo x", login: false, shell: "/bin/sh" });
        send(answer, { type: "response.output_item.done", item });
        complete(answer, usage(8_990));
      },
      [said("SUMMARY", "msg_s")],
      [said("ended")],
    );
    await using thread = await openThread({ config: `model_context_window = 10000\n${model.config()}` });
    expect(await thread.turn("go")).toEqual({ status: "completed" });
    expect(thread.items().map(({ type }) => type)).toEqual([
      "userMessage",
      "commandExecution",
      "contextCompaction",
      "agentMessage",
    ]);
    expect(texts(model.calls[2]?.body.input).at(-1)).toContain("SUMMARY");
    expect(thread.told("thread/tokenUsage/updated")[0].tokenUsage.modelContextWindow).toBe(9_500);
  });

  test("is made so by an estimate where the provider does not count", async () => {
    const uncounted = (text: string) => (answer: ServerResponse) => {
      begin(answer);
      send(answer, { type: "response.output_item.done", item: said(text) });
      complete(answer, { usage: null });
    };
    await using model = await scriptedModel(uncounted("x".repeat(40_000)), uncounted("SUMMARY"));
    await using thread = await openThread({ config: `model_context_window = 10000\n${model.config()}` });
    await thread.turn("one");
    await thread.turn("two");
    expect(thread.items().map(({ type }) => type)).toContain("contextCompaction");
  });

  test("stays as it is below that", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      send(answer, { type: "response.output_item.done", item: said("x") });
      complete(answer, usage(8_900));
    });
    await using thread = await openThread({ config: `model_context_window = 10000\n${model.config()}` });
    await thread.turn("one");
    await thread.turn("two");
    expect(thread.items().map(({ type }) => type)).not.toContain("contextCompaction");
  });

  test("gives up its oldest part where even the request for a summary does not fit", async () => {
    const full = (answer: ServerResponse) => {
      begin(answer);
      send(answer, {
        type: "response.failed",
        response: { id: "r", error: { code: "context_length_exceeded", message: "x" } },
      });
      answer.end();
    };
    await using model = await scriptedModel([said("one")], full, full, [said("SUMMARY", "msg_s")]);
    await using thread = await openThread({ config: model.config() });
    await thread.turn("first");
    expect(await thread.run({ kind: "compact" })).toEqual({ status: "completed" });
    const [, whole, less, least] = model.calls.map(({ body }) => body.input.length);
    expect([(whole ?? 0) > (less ?? 0), (less ?? 0) > (least ?? 0)]).toEqual([true, true]);
    expect(thread.told("error")).toEqual([]);
  });

  test("keeps of what was said as much as there is room for, the newest", async () => {
    await using model = await scriptedModel([said("a")], [said("b")], [said("SUMMARY", "msg_s")]);
    await using thread = await openThread({ config: model.config() });
    await thread.turn(`old ${"x".repeat(50_000)}`);
    await thread.turn(`new ${"y".repeat(50_000)}`);
    await thread.run({ kind: "compact" });
    const kept = texts(thread.history as Entry[]).map((text) => text.slice(0, 4));
    expect(kept).toContain("new ");
    expect(kept).not.toContain("old ");
  });

  test("stays as it is when there is no summary", async () => {
    await using model = await scriptedModel([said("x")], []);
    await using thread = await openThread({ config: model.config() });
    await thread.turn("one");
    const before = [...thread.history];
    expect(await thread.run({ kind: "compact" })).toMatchObject({
      status: "failed",
      error: { message: "the model gave no summary; the conversation stays as it is" },
    });
    expect(thread.history).toEqual(before);
  });
});

describe("the cost of a thread", () => {
  test("is the sum of all responses, and goes on from what it was", async () => {
    const one = { totalTokens: 7, inputTokens: 5, cachedInputTokens: 0, outputTokens: 2, reasoningOutputTokens: 0 };
    await using model = await scriptedModel();
    await using thread = await openThread({
      config: model.config(),
      thread: { tokenUsage: { total: one, last: one } },
    });
    await thread.turn("hi");
    expect(thread.told("thread/tokenUsage/updated")).toEqual([
      {
        tokenUsage: {
          total: {
            totalTokens: 112,
            inputTokens: 105,
            cachedInputTokens: 20,
            cacheWriteInputTokens: 0,
            outputTokens: 7,
            reasoningOutputTokens: 1,
          },
          last: {
            totalTokens: 105,
            inputTokens: 100,
            cachedInputTokens: 20,
            cacheWriteInputTokens: 0,
            outputTokens: 5,
            reasoningOutputTokens: 1,
          },
          modelContextWindow: 258_400,
        },
      },
    ]);
  });
});
