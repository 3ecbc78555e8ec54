import { FakeClock, until } from "@holdfast/testkit";
import type { Client, ClientOptions } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import type { Tool } from "../../src/index.ts";
import { CALLS_MAX, ClientQuestions } from "../../src/mcp-server/index.ts";
import { PROGRESS_INTERVAL_MS } from "../../src/mcp-server/progress.ts";
import { servedClient } from "../support/mcp-link.ts";

function toolOf(name: string, call: Tool["call"]): Tool {
  return { name, title: name, description: "For a test.", inputSchema: { type: "object" }, call };
}

const ECHO = toolOf("echo", async (args) => ({ content: [{ type: "text", text: JSON.stringify(args) }] }));
const YES = "do it";
const NO = "leave it";
const QUESTION = { message: "Shall it be done?", choices: [YES, NO] };

/** The revisions of the protocol, by what asks for them. */
const REVISIONS: readonly (readonly [string, ClientOptions])[] = [
  ["2025-11-25", {}],
  ["2026-07-28", { versionNegotiation: { mode: { pin: "2026-07-28" } } }],
];

const textOf = async (call: ReturnType<Client["callTool"]>): Promise<string> => {
  const [first] = (await call).content;
  return first?.type === "text" ? first.text : "";
};

/** A client whose user answers with these, one after the other. */
function answering(...answers: readonly (string | "decline")[]) {
  const asked: unknown[] = [];
  return {
    asked,
    options: {
      capabilities: { elicitation: { form: {} } },
      prepare: (client: Client) => {
        client.setRequestHandler("elicitation/create", ({ params }) => {
          asked.push(params);
          const answer = answers[asked.length - 1] ?? "decline";
          return answer === "decline" ? { action: "decline" } : { action: "accept", content: { choice: answer } };
        });
      },
    },
  };
}

describe.each(REVISIONS)("tools that are served by revision %s", (_revision, negotiation) => {
  test("are listed and called; a failure is a result, and no tool an error", async () => {
    const failing = toolOf("fail", async () => ({ content: [{ type: "text", text: "no" }], isError: true }));
    const instructions = async () => "All of them echo.";
    await using served = await servedClient({ tools: [ECHO, failing], instructions }, negotiation);
    const { client } = served;
    expect(client.getInstructions()).toBe("All of them echo.");
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["echo", "fail"]);
    expect(await textOf(client.callTool({ name: "echo", arguments: { a: 1 } }))).toBe('{"a":1}');
    expect(await client.callTool({ name: "fail" })).toMatchObject({ isError: true });
    await expect(client.callTool({ name: "none" })).rejects.toThrow('there is no tool "none", only echo, fail');
  });

  test("are given up when the client gives the call up", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const hanging = toolOf(
      "hang",
      (_args, call) =>
        new Promise((_resolve, reject) => {
          signals.push(call?.signal);
          call?.signal?.addEventListener("abort", () => reject(call.signal?.reason));
        }),
    );
    await using served = await servedClient({ tools: [hanging, ECHO] }, negotiation);
    const controller = new AbortController();
    const call = served.client.callTool({ name: "hang" }, { signal: controller.signal });
    await until(() => signals.length === 1);
    controller.abort();
    await expect(call).rejects.toThrow();
    await until(() => signals[0]?.aborted);
    expect(await textOf(served.client.callTool({ name: "echo", arguments: {} }))).toBe("{}");
  });

  test("ask the user, and go on with the answer", async () => {
    const questions = new ClientQuestions();
    const careful = toolOf("careful", async (_args, { callId = "", signal = new AbortController().signal } = {}) => {
      const answers = [await questions.ask(callId, QUESTION, signal), await questions.ask(callId, QUESTION, signal)];
      return { content: [{ type: "text", text: JSON.stringify(answers) }] };
    });
    const user = answering(YES, "decline", "something else", NO);
    await using served = await servedClient({ tools: [careful], questions }, { ...negotiation, ...user.options });
    expect(await textOf(served.client.callTool({ name: "careful" }))).toBe(JSON.stringify([YES, null]));
    expect(user.asked).toEqual([
      expect.objectContaining({
        message: "Shall it be done?",
        requestedSchema: {
          type: "object",
          properties: { choice: { type: "string", title: "Your choice", enum: [YES, NO] } },
          required: ["choice"],
        },
      }),
      expect.anything(),
    ]);
    // What is none of the choices is no answer.
    expect(await textOf(served.client.callTool({ name: "careful" }))).toBe(JSON.stringify([null, NO]));
    expect(questions.size).toBe(0);
  });

  test("find that a client which can not ask can not ask", async () => {
    const questions = new ClientQuestions();
    const careful = toolOf("careful", async (_args, { callId = "", signal = new AbortController().signal } = {}) => {
      const answer = await questions.ask(callId, QUESTION, signal).catch((error: Error) => error.message);
      return { content: [{ type: "text", text: `${answer}` }] };
    });
    await using served = await servedClient({ tools: [careful], questions }, negotiation);
    expect(await textOf(served.client.callTool({ name: "careful" }))).toBe("the MCP client can not ask its user");
    expect(questions.canAsk).toBe(false);
  });
});

test("a call is told to go on to a client that wants to know", async () => {
  const clock = new FakeClock();
  const ended = Promise.withResolvers<void>();
  const slow = toolOf("slow", async () => {
    await ended.promise;
    return { content: [] };
  });
  await using served = await servedClient({ tools: [slow], clock });
  const told: unknown[] = [];
  const call = served.client.callTool({ name: "slow" }, { onprogress: (progress) => told.push(progress) });
  await until(() => clock.pendingTimers > 0);
  await clock.advance(PROGRESS_INTERVAL_MS);
  await clock.advance(PROGRESS_INTERVAL_MS);
  await until(() => told.length === 2);
  expect(told).toEqual([
    { progress: 10, message: "10 s" },
    { progress: 20, message: "20 s" },
  ]);
  ended.resolve();
  await call;
  expect(clock.pendingTimers).toBe(0);
});

test("so many calls are made at a time, and one more is refused", async () => {
  const ended = Promise.withResolvers<void>();
  const slow = toolOf("slow", async () => {
    await ended.promise;
    return { content: [] };
  });
  await using served = await servedClient({ tools: [slow] });
  const calls = Array.from({ length: CALLS_MAX }, () => served.client.callTool({ name: "slow" }));
  expect(await served.client.callTool({ name: "slow" })).toMatchObject({
    isError: true,
    content: [{ text: `${CALLS_MAX} calls are in flight; wait for one of them` }],
  });
  ended.resolve();
  await Promise.all(calls);
  expect(await served.client.callTool({ name: "slow" })).toMatchObject({ isError: false });
});
