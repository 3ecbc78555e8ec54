import { describe, expect, test } from "vitest";
import { openThread } from "./support/open-thread.ts";
import { begin, calls, complete, said, scriptedModel, send } from "./support/scripted-model.ts";

describe("a turn", () => {
  test("streams what the model says, and keeps it as one item", async () => {
    await using model = await scriptedModel((answer) => {
      begin(answer);
      send(answer, { type: "response.output_item.added", item: { ...said("", "msg_9"), content: [] } });
      for (const delta of ["Hel", "lo"]) send(answer, { type: "response.output_text.delta", item_id: "msg_9", delta });
      send(answer, { type: "response.output_item.done", item: said("Hello", "msg_9") });
      complete(answer);
    });
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("hi")).toEqual({ status: "completed" });
    expect(thread.events.map(({ name, params }) => [name, params.item?.type ?? params.delta])).toEqual([
      ["item/started", "userMessage"],
      ["item/completed", "userMessage"],
      ["item/started", "agentMessage"],
      ["item/agentMessage/delta", "Hel"],
      ["item/agentMessage/delta", "lo"],
      ["item/completed", "agentMessage"],
      ["thread/tokenUsage/updated", undefined],
    ]);
    expect(thread.items().at(-1)).toMatchObject({ id: "msg_9", text: "Hello" });
    expect(thread.history.at(-1)).toEqual(said("Hello", "msg_9"));
  });

  test("runs what the model calls, tells of it as an item, and gives it the output", async () => {
    await using model = await scriptedModel([
      calls("exec_command", { cmd: "echo one; echo two >&2", login: false, shell: "/bin/sh" }),
    ]);
    await using thread = await openThread({ config: model.config() });
    expect(await thread.turn("run it")).toEqual({ status: "completed" });
    expect(thread.items()[1]).toMatchObject({
      type: "commandExecution",
      id: "call_1",
      command: "/bin/sh -c 'echo one; echo two >&2'",
      cwd: thread.folder,
      source: "unifiedExecStartup",
      status: "completed",
      exitCode: 0,
      commandActions: [{ type: "unknown", command: "echo one; echo two >&2" }],
    });
    const output = model.calls[1]?.body.input.at(-1);
    expect(output).toMatchObject({ type: "function_call_output", call_id: "call_1" });
    expect(output?.output).toMatch(/^Chunk ID: .*\nWall time: .*\nProcess exited with code 0\n[\s\S]*one\n/);
  });

  test("asks before it runs what goes beyond the sandbox", async () => {
    const escalated = {
      cmd: "echo asked",
      login: false,
      shell: "/bin/sh",
      sandbox_permissions: "require_escalated",
      justification: "why",
    };
    await using model = await scriptedModel([calls("exec_command", escalated)], [said("ok")]);
    await using thread = await openThread({
      config: model.config(),
      settings: { approvalPolicy: "on-request", sandboxPolicy: { type: "readOnly" } },
      answers: { "item/commandExecution/requestApproval": () => ({ decision: "accept" }) },
    });
    expect(await thread.turn("run it")).toEqual({ status: "completed" });
    const [asked] = thread.told("item/commandExecution/requestApproval");
    expect(asked).toMatchObject({
      kind: "command",
      itemId: "call_1",
      reason: "why",
      command: "/bin/sh -c 'echo asked'",
      environmentId: "local",
      availableDecisions: [
        "accept",
        { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["echo", "asked"] } },
        "cancel",
      ],
    });
    expect(thread.told("item/started").at(1).item).toMatchObject({ source: "agent", processId: null });
    expect(thread.items()[1]).toMatchObject({ source: "unifiedExecStartup", aggregatedOutput: "asked\n" });
  });
});
