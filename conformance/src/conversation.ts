import assert from "node:assert/strict";
import type { Release } from "@holdfast/reference-peer";
import { type ConversationItem, type ModelRequest, type ModelTurn, startMockModel } from "./mock-model.ts";
import { runReferenceCli } from "./reference-cli.ts";
import type { Conversation, ConverseOptions } from "./scenario.ts";

/** The model asks for a tool. */
export function toolCall(callId: string, name: string, args: object): ConversationItem {
  return {
    type: "function_call",
    id: `item-${callId}`,
    call_id: callId,
    name,
    arguments: JSON.stringify(args),
  };
}

/** The model asks for a command without start-up files of a login shell. */
export function execCommand(callId: string, cmd: string, options: object = {}): ConversationItem {
  return toolCall(callId, "exec_command", { cmd, login: false, yield_time_ms: 5_000, ...options });
}

function textOf(output: unknown): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}

/** Text of every tool result in a request, by call id. */
export function outputsOf(request: ModelRequest): Map<string, string> {
  return new Map(
    request.input
      .filter((item) => item.type.endsWith("_output"))
      .map((item) => [String(item.call_id), textOf(item.output)]),
  );
}

/** The number under which the orchestrator keeps a command that is still running. */
export function sessionIdOf(request: ModelRequest, callId: string): number {
  return sessionIdIn(outputsOf(request).get(callId) ?? "");
}

/** The same, in what the model was told of it. */
export function sessionIdIn(output: string): number {
  const found = /session ID (\d+)/.exec(output)?.[1];
  assert.ok(found !== undefined, `the command is not running any more: ${output}`);
  return Number(found);
}

/** Let a release work through a script to its end. Throws when the script or the release failed. */
export async function converse(
  release: Release,
  executorUrl: string | undefined,
  cwd: string,
  turns: readonly ModelTurn[],
  options: ConverseOptions = {},
): Promise<Conversation> {
  await using model = await startMockModel(turns);
  const result = await runReferenceCli({ release, executorUrl, model, cwd, ...options });
  const failure = model.failure();
  if (failure !== undefined) throw failure;
  const last = model.requests.at(-1);
  assert.ok(last !== undefined, `the orchestrator never asked the model: ${result.stderr.slice(-500)}`);
  assert.equal(result.exitCode, 0, result.stderr.slice(-500));
  assert.equal(model.requests.length, turns.length + 1, "requests to the model");
  return {
    outputs: outputsOf(last),
    firstRequest: JSON.stringify(model.requests[0]?.input),
    requestCount: model.requests.length,
  };
}
