import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openThread, runningFast } from "./support/open-thread.ts";
import { begin, calls, complete, said, scriptedModel, send } from "./support/scripted-model.ts";

const QUICK = { request_max_retries: 0, stream_max_retries: 1 };
const refuse =
  (status: number, body: string, headers = {}) =>
  (answer: ServerResponse) =>
    void answer.writeHead(status, headers).end(body);
const fails = (code: string, message: string) => (answer: ServerResponse) => {
  begin(answer);
  send(answer, { type: "response.failed", response: { id: "r", error: { code, message } } });
  answer.end();
};

describe("a response that breaks off", () => {
  test("is asked for anew, with what was said before and no effect twice", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      send(answer, { type: "response.output_item.done", item: said("kept", "msg_1") });
      send(answer, {
        type: "response.output_item.done",
        item: calls("exec_command", { cmd: "echo once >>count", login: false, shell: "/bin/sh" }),
      });
      send(answer, { type: "response.output_item.added", item: { ...said("", "msg_2"), content: [] } });
      send(answer, { type: "response.output_text.delta", delta: "lost" });
      answer.end();
    });
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("hi")).toEqual({ status: "completed" });
    expect(thread.told("error")).toEqual([
      {
        error: {
          message: "Reconnecting... 1/5",
          codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
          additionalDetails: "stream disconnected before completion: stream closed before response.completed",
          misalignment: null,
        },
        willRetry: true,
      },
    ]);
    const again = model.calls[1]?.body.input ?? [];
    expect(again.slice(-3).map(({ type }) => type)).toEqual(["message", "function_call", "function_call_output"]);
    expect(JSON.stringify(again)).not.toContain("lost");
    expect(readFileSync(`${thread.folder}/count`, "utf8")).toBe("once\n");
  });

  test("fails the turn when it breaks off each time", async () => {
    const cut = (answer: ServerResponse) => {
      begin(answer);
      answer.end();
    };
    await using model = await scriptedModel(cut, cut);
    await using thread = await openThread({ config: model.config(QUICK) });
    const error = {
      message: "stream disconnected before completion: stream closed before response.completed",
      codexErrorInfo: "other",
      additionalDetails: null,
      misalignment: null,
    };
    expect(await thread.turn("hi")).toEqual({ status: "failed", error });
    expect(thread.told("error").at(-1)).toEqual({ error, willRetry: false });
    expect(model.calls).toHaveLength(2);
  });

  test("breaks off when nothing comes for as long as the provider says", async () => {
    const clock = new FakeClock();
    await using model = await scriptedModel(begin);
    await using thread = await openThread({
      config: model.config({ ...QUICK, stream_idle_timeout_ms: 60_000 }),
      services: { clock },
    });
    const turn = thread.turn("hi");
    await until(() => model.calls.length === 1);
    expect(await runningFast(clock, turn, 5_000)).toEqual({ status: "completed" });
    expect(thread.told("error")[0].error.additionalDetails).toBe(
      "stream disconnected before completion: idle timeout waiting for SSE",
    );
    expect(model.calls[0]?.signal.aborted).toBe(true);
  });

  test("breaks off when the model does not answer at all", async () => {
    const clock = new FakeClock();
    await using model = await scriptedModel(() => {});
    await using thread = await openThread({ config: model.config(QUICK), services: { clock } });
    const turn = thread.turn("hi");
    await until(() => model.calls.length === 1);
    expect(await runningFast(clock, turn, 20_000)).toEqual({ status: "completed" });
    expect(model.calls[0]?.signal.aborted).toBe(true);
  });
});

describe("a request that is refused", () => {
  test("by a 5xx is made again, five times for each of six streams", async () => {
    const clock = new FakeClock();
    await using model = await scriptedModel(...Array.from({ length: 40 }, () => refuse(503, "busy")));
    await using thread = await openThread({ config: model.config(), services: { clock } });
    const outcome = await runningFast(clock, thread.turn("hi"), 2_000);
    expect(outcome).toMatchObject({
      status: "failed",
      error: { codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 503 } } },
    });
    expect(model.calls).toHaveLength(30);
    expect(thread.told("error").map(({ error }) => error.message)).toEqual([
      ...[1, 2, 3, 4, 5].map((n) => `Reconnecting... ${n}/5`),
      `unexpected status 503 Service Unavailable: busy, url: ${model.baseUrl}/responses`,
    ]);
  });

  test.for([
    [
      401,
      '{"error":{"message":"bad key"}}',
      2,
      "unexpected status 401 Unauthorized: bad key, url: URL",
      { httpConnectionFailed: { httpStatusCode: 401 } },
    ],
    [
      404,
      "nope",
      2,
      "unexpected status 404 Not Found: nope, url: URL",
      { httpConnectionFailed: { httpStatusCode: 404 } },
    ],
    [
      302,
      "",
      2,
      "unexpected status 302 Found: Unknown error, url: URL",
      { httpConnectionFailed: { httpStatusCode: 302 } },
    ],
    [
      500,
      "boom",
      2,
      "the provider of the model answers 500: high demand, or an error of its own",
      "internalServerError",
    ],
    [400, '{"error":1}', 1, '{"error":1}', "other"],
    [
      429,
      "slow",
      1,
      "exceeded retry limit, last status: 429 Too Many Requests",
      { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
    ],
    [
      429,
      '{"error":{"type":"usage_limit_reached","resets_at":1900000000}}',
      1,
      "the usage limit at the provider of the model is reached: try again at 2030-03-17T17:46:40.000Z",
      "usageLimitExceeded",
    ],
  ] as const)(
    "by %i with %s is made %i times and fails the turn with its words",
    async ([status, body, count, message, info]) => {
      const reply = refuse(status, body, status === 302 ? { location: "/elsewhere" } : {});
      await using model = await scriptedModel(reply, reply, reply);
      await using thread = await openThread({ config: model.config(QUICK) });
      expect(await thread.turn("hi")).toMatchObject({
        status: "failed",
        error: { message: message.replace("URL", `${model.baseUrl}/responses`), codexErrorInfo: info },
      });
      expect(model.calls).toHaveLength(count);
    },
  );

  test("by a 429 with a time that nobody waits for fails the turn at once", async () => {
    await using model = await scriptedModel(refuse(429, "slow", { "retry-after": "86400" }));
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("hi")).toMatchObject({
      status: "failed",
      error: { codexErrorInfo: { responseTooManyFailedAttempts: { httpStatusCode: 429 } } },
    });
    expect(model.calls).toHaveLength(1);
  });

  test("by a 429 with a time is made again after that time", async () => {
    const clock = new FakeClock();
    await using model = await scriptedModel(refuse(429, "slow", { "retry-after": "7" }));
    await using thread = await openThread({ config: model.config(), services: { clock } });
    const turn = thread.turn("hi");
    await until(() => thread.told("error").length === 1);
    await clock.advance(6_900);
    expect(model.calls).toHaveLength(1);
    expect(await runningFast(clock, turn)).toEqual({ status: "completed" });
    expect(thread.told("error")[0].error.codexErrorInfo).toEqual({
      responseStreamDisconnected: { httpStatusCode: 429 },
    });
  });

  test.for([
    ["context_length_exceeded", "x", 1, "contextWindowExceeded"],
    ["insufficient_quota", "x", 1, "usageLimitExceeded"],
    ["server_is_overloaded", "x", 1, "serverOverloaded"],
    ["invalid_prompt", "x", 1, "other"],
    ["rate_limit_exceeded", "please try again in 20ms", 2, "rateLimitExceeded"],
    ["weird", "x", 2, "other"],
  ] as const)("in its stream by %s (%s) is made %i times", async ([code, words, count, info]) => {
    await using model = await scriptedModel(fails(code, words), fails(code, words));
    await using thread = await openThread({ config: model.config(QUICK) });
    expect(await thread.turn("hi")).toMatchObject({ status: "failed", error: { codexErrorInfo: info } });
    expect(model.calls).toHaveLength(count);
  });

  test("as incomplete is not made again", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      send(answer, {
        type: "response.incomplete",
        response: { id: "r", incomplete_details: { reason: "max_output_tokens" } },
      });
      answer.end();
    });
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("hi")).toMatchObject({
      error: { message: "Incomplete response returned, reason: max_output_tokens" },
    });
    expect(model.calls).toHaveLength(1);
  });

  test("leaves the thread such that the next turn goes on", async () => {
    await using model = await scriptedModel(refuse(400, "no"), (answer) => {
      begin(answer);
      complete(answer, { end_turn: false });
    });
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("one")).toMatchObject({ status: "failed" });
    expect(await thread.turn("two")).toEqual({ status: "completed" });
    expect(model.calls).toHaveLength(3);
  });
});
