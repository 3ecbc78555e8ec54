import type { ServerResponse } from "node:http";
import { memoryUsage } from "node:process";
import { describe, expect, test } from "vitest";
import { openThread } from "./support/open-thread.ts";
import { begin, complete, said, scriptedModel, send } from "./support/scripted-model.ts";

const ONCE = { request_max_retries: 0, stream_max_retries: 0 };

describe("a model that misbehaves", () => {
  test("may say what nobody understands between what counts", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      for (const data of [
        "[DONE]",
        "{",
        "null",
        "7",
        '"x"',
        "[]",
        '{"type":7}',
        '{"type":"response.output_item.done"}',
        '{"type":"response.output_item.done","item":{"type":5}}',
        '{"type":"response.completed"}',
        '{"type":"response.output_text.delta","delta":5}',
        '{"type":"response.new.event"}',
      ]) {
        answer.write(`data: ${data}\n\n`);
      }
      answer.write(": a comment\n\nretry: 5\n\nevent: x\n\n\uFEFFdata\n\n");
      send(answer, { type: "response.output_text.delta", delta: "of no message" });
      send(answer, { type: "response.output_item.done", item: { type: "web_search_call", id: "ws_1" } });
      send(answer, {
        type: "response.output_item.done",
        item: { type: "message", role: "assistant", content: "no parts" },
      });
      send(answer, { type: "response.output_item.done", item: { type: "reasoning", summary: "none", id: 7 } });
      complete(answer, { usage: { input_tokens: "many", total_tokens: -5 } });
    });
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("hi")).toEqual({ status: "completed" });
    expect(thread.items().map(({ type, text }) => [type, text])).toEqual([
      ["userMessage", undefined],
      ["webSearch", undefined],
      ["agentMessage", ""],
      ["reasoning", undefined],
    ]);
    expect(thread.told("item/agentMessage/delta")).toEqual([]);
    expect(thread.told("thread/tokenUsage/updated")[0].tokenUsage.last.totalTokens).toBe(0);
  });

  test("may stop in the middle of an event, and of a character", async () => {
    const whole = Buffer.from(
      `data: ${JSON.stringify({ type: "response.output_item.done", item: said("grüße", "msg_1") })}\n\n`,
    );
    await using model = await scriptedModel(async (answer) => {
      begin(answer);
      for (const byte of whole) answer.write(Uint8Array.of(byte));
      answer.write('data: {"type":"response.comp');
      answer.end();
    });
    await using thread = await openThread({ config: model.config(ONCE) });
    expect(await thread.turn("hi")).toMatchObject({ status: "failed" });
    expect(thread.items()[1]).toMatchObject({ text: "grüße" });
  });

  test("may be cut between any two bytes: what came whole stays, and the rest is asked for anew", async () => {
    const events = [
      { type: "response.output_item.done", item: said("ä", "msg_1") },
      { type: "response.completed", response: { id: "r" } },
    ];
    const whole = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
    const first = whole.indexOf("\n\n") + 2;
    let length = 0;
    await using model = await scriptedModel(
      ...Array.from({ length: whole.length }, () => (answer: ServerResponse) => {
        answer.writeHead(200, { "content-type": "text/event-stream" }).end(whole.subarray(0, length));
      }),
    );
    await using thread = await openThread({ config: model.config(ONCE) });
    for (; length < whole.length; length += 1) {
      const { status } = await thread.turn("hi");
      const isKept = thread.history.at(-1)?.role === "assistant";
      expect([length, status, isKept]).toEqual([
        length,
        length < whole.length ? "failed" : "completed",
        length >= first,
      ]);
    }
  });

  test.for([
    ["in one event", (chunk: string) => chunk],
    ["in many", (chunk: string) => `data: ${JSON.stringify({ type: "response.output_text.delta", delta: chunk })}\n\n`],
  ] as const)("without an end %s is left, and holds no memory", async ([, wrap]) => {
    const chunk = wrap("x".repeat(65_536));
    let sent = 0;
    await using model = await scriptedModel(async (answer, { signal }) => {
      begin(answer);
      answer.write("data: ");
      while (!signal.aborted && sent < 5 * 1024 ** 3) {
        sent += chunk.length;
        if (!answer.write(chunk)) {
          await new Promise<void>((resolve) => {
            answer.once("drain", resolve);
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
        }
      }
      answer.destroy();
    });
    await using thread = await openThread({ config: model.config() });
    const before = memoryUsage().rss;
    expect(await thread.turn("hi")).toMatchObject({
      status: "failed",
      error: { message: expect.stringMatching(/^the response of the model is too long: /) },
    });
    expect(model.calls).toHaveLength(1);
    expect(sent).toBeLessThan(256 * 1024 ** 2);
    expect(memoryUsage().rss - before).toBeLessThan(512 * 1024 ** 2);
  });

  test("that answers with a page is told by its status", async () => {
    await using model = await scriptedModel((answer) => void answer.writeHead(403).end("<html>".repeat(50_000)));
    await using thread = await openThread({ config: model.config(ONCE) });
    const outcome = await thread.turn("hi");
    expect(outcome).toMatchObject({
      status: "failed",
      error: { codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 403 } } },
    });
    expect(JSON.stringify(outcome).length).toBeLessThan(4_096);
  });

  test("that is not there is told", async () => {
    const model = await scriptedModel();
    const config = model.config(ONCE);
    await model[Symbol.asyncDispose]();
    await using thread = await openThread({ config });
    expect(await thread.turn("hi")).toMatchObject({
      status: "failed",
      error: {
        message: expect.stringMatching(/^stream disconnected before completion: error sending request: .*ECONNREFUSED/),
      },
    });
  });
});
