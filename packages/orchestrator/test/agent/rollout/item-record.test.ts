import type { ThreadItem } from "@holdfast/app-server-protocol";
import { describe, expect, test } from "vitest";
import { itemFromRecord, itemToRecord } from "../../../src/agent/rollout/item-record.ts";

const TIMES = { startedAtMs: 1, completedAtMs: 2 };

/** Items as clients are told of them, each beside the record that releases of Codex write for it. */
const ITEMS: readonly [ThreadItem, object][] = [
  [
    {
      type: "userMessage",
      id: "u",
      clientId: "c",
      content: [{ type: "text", text: "hi", text_elements: [] }],
      ...TIMES,
    },
    { type: "UserMessage", id: "u", client_id: "c", content: [{ type: "text", text: "hi", text_elements: [] }] },
  ],
  [
    {
      type: "userMessage",
      id: "u",
      clientId: null,
      content: [
        { type: "image", url: "data:x" },
        { type: "localImage", path: "/p" },
      ],
      ...TIMES,
    },
    {
      type: "UserMessage",
      id: "u",
      client_id: null,
      content: [
        { type: "image", image_url: "data:x" },
        { type: "local_image", path: "/p" },
      ],
    },
  ],
  [
    {
      type: "agentMessage",
      moderation: null,
      id: "m",
      text: "hello",
      phase: null,
      memoryCitation: null,
      delivery: null,
      questions: null,
      ...TIMES,
    },
    { type: "AgentMessage", id: "m", content: [{ type: "Text", text: "hello" }] },
  ],
  [
    { type: "reasoning", id: "r", summary: ["**T**"], content: [], ...TIMES },
    { type: "Reasoning", id: "r", summary_text: ["**T**"], raw_content: [] },
  ],
  [
    {
      type: "commandExecution",
      id: "c",
      pluginId: null,
      scriptPath: null,
      command: "/bin/bash -lc 'echo a'",
      cwd: "/w",
      processId: "1",
      source: "unifiedExecStartup",
      status: "completed",
      commandActions: [{ type: "listFiles", command: "ls", path: "a" }],
      aggregatedOutput: "a\n",
      exitCode: 0,
      durationMs: 1_066,
      ...TIMES,
    },
    {
      type: "CommandExecution",
      id: "c",
      process_id: "1",
      command: ["/bin/bash", "-lc", "echo a"],
      cwd: "file:///w",
      parsed_cmd: [{ type: "list_files", cmd: "ls", path: "a" }],
      source: "unified_exec_startup",
      status: "completed",
      aggregated_output: "a\n",
      exit_code: 0,
      duration: { secs: 1, nanos: 66_000_000 },
    },
  ],
  [
    {
      type: "fileChange",
      id: "f",
      status: "completed",
      ...TIMES,
      changes: [
        { path: "/w/a", kind: { type: "add" }, diff: "one\n" },
        { path: "/w/b", kind: { type: "delete" }, diff: "x\n" },
        { path: "/w/c", kind: { type: "update", move_path: null }, diff: "@@ -1 +1 @@\n-b\n+B\n" },
      ],
    },
    {
      type: "FileChange",
      id: "f",
      status: "completed",
      stdout: "",
      stderr: "",
      changes: {
        "/w/a": { type: "add", content: "one\n" },
        "/w/b": { type: "delete", content: "x\n" },
        "/w/c": { type: "update", unified_diff: "@@ -1 +1 @@\n-b\n+B\n", move_path: null },
      },
    },
  ],
  [
    {
      type: "mcpToolCall",
      id: "t",
      server: "s",
      tool: "t",
      environmentId: null,
      status: "completed",
      arguments: { a: 1 },
      readOnlyHint: true,
      result: { content: [], structuredContent: { camelCase: 1 } },
      error: null,
      durationMs: 1,
      ...TIMES,
    },
    {
      type: "McpToolCall",
      id: "t",
      server: "s",
      tool: "t",
      arguments: { a: 1 },
      status: "completed",
      result: { content: [], structuredContent: { camelCase: 1 } },
      read_only_hint: true,
      duration: { secs: 0, nanos: 1_000_000 },
    },
  ],
  [
    {
      type: "dynamicToolCall",
      id: "d",
      namespace: null,
      tool: "t",
      arguments: {},
      status: "completed",
      contentItems: [{ type: "inputText", text: "x" }],
      success: true,
      durationMs: 2,
      ...TIMES,
    },
    {
      type: "DynamicToolCall",
      id: "d",
      tool: "t",
      arguments: {},
      status: "completed",
      content_items: [{ type: "inputText", text: "x" }],
      success: true,
      duration: { secs: 0, nanos: 2_000_000 },
    },
  ],
  [
    { type: "imageView", id: "i", path: "/w/p.png", ...TIMES },
    { type: "ImageView", id: "i", path: "file:///w/p.png" },
  ],
  [
    { type: "contextCompaction", id: "x", ...TIMES },
    { type: "ContextCompaction", id: "x" },
  ],
  [
    { type: "plan", id: "p", text: "do", ...TIMES },
    { type: "Plan", id: "p", text: "do" },
  ],
  [
    { type: "webSearch", id: "w", query: "q", action: { type: "other" }, ...TIMES },
    { type: "WebSearch", id: "w", query: "q", action: { type: "other" } },
  ],
];

describe("an item in a file", () => {
  test.each(ITEMS)("is spelled in its own way and comes back: %j", (item, record) => {
    expect(itemToRecord(item)).toEqual(record);
    expect(itemFromRecord(JSON.parse(JSON.stringify(record)), TIMES)).toEqual(item);
  });

  test("without output has none", () => {
    const record = { type: "CommandExecution", id: "c", command: [], cwd: "/", parsed_cmd: [], aggregated_output: "" };
    expect(itemFromRecord(record, TIMES)).toMatchObject({ aggregatedOutput: null });
  });

  test.each([undefined, null, 1, [], {}, { type: "AgentMessage" }, { type: "Tomorrow", id: "x" }])(
    "of no kind that is known stands for nothing: %j",
    (record) => {
      expect(itemFromRecord(record, TIMES)).toBeUndefined();
    },
  );

  test.each([
    { type: "CommandExecution", id: "c" },
    { type: "FileChange", id: "c", changes: [1] },
    { type: "AgentMessage", id: "c", content: "x" },
    { type: "UserMessage", id: "c", content: [null] },
    { type: "CommandExecution", id: "c", command: [1], cwd: "file://%zz", duration: { secs: "x" } },
  ])("with members of other kinds is read without them: %j", (record) => {
    expect(itemFromRecord(record, TIMES)).toMatchObject({ id: "c" });
  });
});
