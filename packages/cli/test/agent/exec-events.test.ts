import type { ThreadItem } from "@holdfast/app-server-protocol";
import { describe, expect, test } from "vitest";
import type { ExecEvent } from "../../src/agent/exec-event.ts";
import { ExecEvents } from "../../src/agent/exec-events.ts";

const COMMAND: Extract<ThreadItem, { type: "commandExecution" }> = {
  type: "commandExecution",
  id: "call_1",
  command: "/bin/bash -c 'echo one'",
  cwd: "/w",
  commandActions: [],
  status: "inProgress",
};

const TOTAL = {
  totalTokens: 22,
  inputTokens: 10,
  cachedInputTokens: 3,
  cacheWriteInputTokens: 2,
  outputTokens: 5,
  reasoningOutputTokens: 1,
};

function told(tell: (events: ExecEvents) => void): readonly ExecEvent[] {
  const printed: ExecEvent[] = [];
  tell(new ExecEvents((event) => printed.push(event)));
  return printed;
}

function item(events: readonly ExecEvent[]): unknown {
  const [event] = events;
  return event !== undefined && "item" in event ? event.item : undefined;
}

describe("the events of a turn", () => {
  test("name the thread, the turn, and at its end the tokens of the thread", () => {
    const events = told((turn) => {
      turn.threadStarted("t1");
      turn.turnStarted();
      turn.tokensUsed({ total: TOTAL });
      turn.turnCompleted("completed");
    });
    expect(events).toEqual([
      { type: "thread.started", thread_id: "t1" },
      { type: "turn.started" },
      {
        type: "turn.completed",
        usage: {
          input_tokens: 10,
          cached_input_tokens: 3,
          cache_write_input_tokens: 2,
          output_tokens: 5,
          reasoning_output_tokens: 1,
        },
      },
    ]);
  });

  test("have a command twice under one id, and count ids from 0", () => {
    const events = told((turn) => {
      turn.itemStarted(COMMAND);
      turn.itemCompleted({ type: "agentMessage", id: "msg_1", text: "so far" });
      turn.itemCompleted({ ...COMMAND, status: "failed", exitCode: 3, aggregatedOutput: "one\n" });
    });
    const command = { id: "item_0", type: "command_execution", command: "/bin/bash -c 'echo one'" };
    expect(events).toEqual([
      {
        type: "item.started",
        item: { ...command, aggregated_output: "", exit_code: null, status: "in_progress" },
      },
      { type: "item.completed", item: { id: "item_1", type: "agent_message", text: "so far" } },
      {
        type: "item.completed",
        item: { ...command, aggregated_output: "one\n", exit_code: 3, status: "failed" },
      },
    ]);
  });

  test.each<[string, ThreadItem, unknown]>([
    [
      "a refused command",
      { ...COMMAND, status: "declined" },
      {
        id: "item_0",
        type: "command_execution",
        command: COMMAND.command,
        aggregated_output: "",
        exit_code: null,
        status: "declined",
      },
    ],
    [
      "changes of files",
      {
        type: "fileChange",
        id: "call_2",
        status: "completed",
        changes: [
          { path: "/w/a", kind: { type: "add" }, diff: "" },
          { path: "/w/b", kind: { type: "update", move_path: "/w/c" }, diff: "" },
          { path: "/w/d", kind: { type: "delete" }, diff: "" },
        ],
      },
      {
        id: "item_0",
        type: "file_change",
        changes: [
          { path: "/w/a", kind: "add" },
          { path: "/w/b", kind: "update" },
          { path: "/w/d", kind: "delete" },
        ],
        status: "completed",
      },
    ],
    [
      "a call of a tool that failed",
      {
        type: "mcpToolCall",
        id: "call_3",
        server: "s",
        tool: "t",
        arguments: { a: 1 },
        status: "failed",
        error: { message: "no" },
      },
      {
        id: "item_0",
        type: "mcp_tool_call",
        server: "s",
        tool: "t",
        arguments: { a: 1 },
        result: null,
        error: { message: "no" },
        status: "failed",
      },
    ],
    [
      "what a reasoning says in short",
      { type: "reasoning", id: "rs_1", summary: ["**One**", "two"], content: [] },
      { id: "item_0", type: "reasoning", text: "**One**\ntwo" },
    ],
  ])("tell of %s", (_, completed, expected) => {
    expect(item(told((turn) => turn.itemCompleted(completed)))).toEqual(expected);
  });

  test("leave out what the user said, and a reasoning of which nothing may be read", () => {
    const events = told((turn) => {
      turn.itemStarted({ type: "userMessage", id: "u", content: [] });
      turn.itemCompleted({ type: "userMessage", id: "u", content: [] });
      turn.itemCompleted({ type: "reasoning", id: "rs_1", summary: [], content: [] });
    });
    expect(events).toEqual([]);
  });

  test("have a plan as one list, from its first form to the end of the turn", () => {
    const events = told((turn) => {
      turn.planUpdated({ plan: [{ step: "look", status: "inProgress" }] });
      turn.planUpdated({ plan: [{ step: "look", status: "completed" }] });
      turn.turnCompleted("completed");
    });
    const list = (completed: boolean) => ({ id: "item_0", type: "todo_list", items: [{ text: "look", completed }] });
    expect(events.slice(0, 3)).toEqual([
      { type: "item.started", item: list(false) },
      { type: "item.updated", item: list(true) },
      { type: "item.completed", item: list(true) },
    ]);
  });

  test("tell of what is tried again with its cause, and of a failed turn with its reason", () => {
    const events = told((turn) => {
      turn.error({ message: "Reconnecting... 1/5", additionalDetails: "the stream ended", codexErrorInfo: null }, true);
      turn.error({ message: "Quota exceeded", codexErrorInfo: null }, false);
      turn.turnCompleted("failed");
    });
    expect(events).toEqual([
      { type: "error", message: "Reconnecting... 1/5 (the stream ended)" },
      { type: "error", message: "Quota exceeded" },
      { type: "turn.failed", error: { message: "Quota exceeded" } },
    ]);
  });

  test("say of a turn that was interrupted that it failed", () => {
    expect(told((turn) => turn.turnCompleted("interrupted"))).toEqual([
      { type: "turn.failed", error: { message: "the turn was interrupted" } },
    ]);
  });
});
