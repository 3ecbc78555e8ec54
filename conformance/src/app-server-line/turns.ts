import type { AppServer } from "@holdfast/app-server-client";
import { until } from "@holdfast/testkit";
import type { ModelTurn } from "../mock-model.ts";

function callsCommand(cmd: string, more: Readonly<Record<string, unknown>> = {}): ModelTurn {
  const args = JSON.stringify({ cmd, login: false, yield_time_ms: 30_000, ...more });
  return () => [{ type: "function_call", id: "fc1", call_id: "c1", name: "exec_command", arguments: args }];
}

/** A command that outlives the run, and says that it runs. */
export const runsForLong: ModelTurn = callsCommand("echo running; sleep 25");

/** A command that only somebody else may allow. */
export const asksFirst: ModelTurn = callsCommand("echo allowed", {
  sandbox_permissions: "require_escalated",
  justification: "it has to be asked about",
});

/** Start a thread whose turn runs a command, and wait until it does, or until its approval is asked for. */
export async function startTurn(codex: AppServer, cwd: string) {
  const { thread } = await codex.thread.start({ cwd, approvalPolicy: "on-request", sandbox: "read-only" });
  let isAtWork = false;
  const stop = codex.on("item/started", ({ item }) => {
    if (item.type === "commandExecution") isAtWork = true;
  });
  const input = [{ type: "text" as const, text: "do the work", text_elements: [] }];
  const { turn } = await codex.turn.start({ threadId: thread.id, input });
  await until(() => isAtWork, { deadlineMs: 30_000 });
  stop();
  return { threadId: thread.id, turnId: turn.id };
}
