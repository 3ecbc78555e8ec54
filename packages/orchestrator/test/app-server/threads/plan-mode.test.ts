import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { calls, said } from "../../agent/support/scripted-model.ts";
import { type ThreadsHost, threadsHost } from "./threads-host.ts";

const QUESTION = {
  id: "color",
  header: "Color",
  question: "Which?",
  options: [
    { label: "Red", description: "r" },
    { label: "Blue", description: "b" },
  ],
};

function collaborationMode(mode: "plan" | "default") {
  return { mode, settings: { model: "model-1", reasoning_effort: null, developer_instructions: null } };
}

function outputs({ model }: ThreadsHost): readonly unknown[] {
  const input = model.calls.at(-1)?.body.input ?? [];
  return input.flatMap(({ type, output }) => (type === "function_call_output" ? [output] : []));
}

describe("in the mode in which plans are made", () => {
  test("a model asks the user, and is told the answers", async () => {
    await using threads = await threadsHost([
      [calls("request_user_input", { questions: [QUESTION] })],
      [said("a plan", "msg_a")],
      [said("done", "msg_b")],
    ]);
    const client = await threads.client();
    const { id } = await client.start();
    const turnId = await client.begin(id, "plan it", { collaborationMode: collaborationMode("plan") });
    const questions = () => client.raw.named("item/tool/requestUserInput");
    await until(() => questions().length > 0);
    expect(questions()[0]?.params).toEqual({
      threadId: id,
      turnId,
      itemId: "call_1",
      questions: [{ ...QUESTION, isOther: true, isSecret: false }],
      isBlocking: true,
      autoResolutionMs: null,
    });
    expect(client.told("thread/status/changed").at(-1).status.activeFlags).toEqual(["waitingOnUserInput"]);
    const answers = { color: { answers: ["Red", "user_note: bright"] } };
    client.raw.send({ id: questions()[0]?.id, result: { answers } });
    await client.ended(turnId);
    expect(outputs(threads)).toEqual([JSON.stringify({ answers })]);
    const input = () => JSON.stringify(threads.model.calls.at(-1)?.body.input);
    expect(input()).toContain("<collaboration_mode>\\nPlan mode: ");
    await client.turn(id, "do it", { collaborationMode: collaborationMode("default") });
    expect(input()).toContain("<collaboration_mode>\\nDefault mode: ");
  });

  test.each([
    [{ questions: [{ ...QUESTION, options: [] }] }, "request_user_input requires non-empty options for every question"],
    [{}, "failed to parse function arguments: missing field `questions`"],
    [{ questions: [{ id: "a" }] }, /^failed to parse function arguments: a question must have an id/],
    [{ questions: Array(17).fill(QUESTION) }, "failed to parse function arguments: at most 16 questions may be asked"],
  ])("a question that can not be put is not: %j", async (args, output) => {
    await using threads = await threadsHost([[calls("request_user_input", args)], [said("well")]]);
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "plan it", { collaborationMode: collaborationMode("plan") });
    expect(outputs(threads)).toEqual([typeof output === "string" ? output : expect.stringMatching(output)]);
    expect(client.raw.named("item/tool/requestUserInput")).toEqual([]);
  });

  test("alone is anybody asked", async () => {
    await using threads = await threadsHost([[calls("request_user_input", { questions: [QUESTION] })], [said("well")]]);
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "do it");
    expect(outputs(threads)).toEqual(["request_user_input is unavailable in Default mode"]);
    expect(JSON.stringify(threads.model.calls[0]?.body.input)).not.toContain("collaboration_mode");
  });
});
