import assert from "node:assert/strict";
import { execCommand, sessionIdOf, toolCall } from "../conversation.ts";
import type { CliScenario } from "../scenario.ts";

const TRAP = "trap 'echo caught-it; exit 7' INT; echo ready; while :; do sleep 0.05; done";

function writeStdin(callId: string, sessionId: number, chars: string) {
  return toolCall(callId, "write_stdin", { session_id: sessionId, chars, yield_time_ms: 3_000 });
}

export const CLI_TERMINAL: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.terminal",
    sentence: "what is typed into a terminal reaches the program, and its end of input ends it",
    requirements: ["start.pty", "write.accepted", "output.notices"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      const { outputs } = await context.converse(executor.url, [
        () => [execCommand("c1", "test -t 0 && echo on-a-terminal; cat", { tty: true, yield_time_ms: 1_000 })],
        (request) => [
          toolCall("c2", "write_stdin", {
            session_id: sessionIdOf(request, "c1"),
            chars: "ping\n",
            yield_time_ms: 1_000,
          }),
        ],
        (request) => [writeStdin("c3", sessionIdOf(request, "c1"), "\u0004")],
      ]);
      assert.match(outputs.get("c1") ?? "", /on-a-terminal/);
      assert.match(outputs.get("c2") ?? "", /ping\r?\nping/);
      assert.match(outputs.get("c3") ?? "", /Process exited with code 0/);
    },
  },
  {
    direction: "cli",
    id: "cli.interrupt-terminal",
    sentence: "ctrl-c in a terminal interrupts the program, whose last words and code reach the model",
    requirements: ["start.pty", "write.accepted", "exit.code"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      const { outputs } = await context.converse(executor.url, [
        () => [execCommand("c1", TRAP, { tty: true, yield_time_ms: 1_000 })],
        (request) => [writeStdin("c2", sessionIdOf(request, "c1"), "\u0003")],
      ]);
      assert.match(outputs.get("c1") ?? "", /ready/);
      assert.match(outputs.get("c2") ?? "", /caught-it/);
      assert.match(outputs.get("c2") ?? "", /Process exited with code 7/);
    },
  },
  {
    direction: "cli",
    id: "cli.interrupt-pipes",
    sentence: "ctrl-c to a program without a terminal interrupts its process group",
    requirements: ["signal.interrupt", "exit.code"],
    essential: false,
    async run(context) {
      await using executor = await context.serve();
      const { outputs } = await context.converse(executor.url, [
        () => [execCommand("c1", TRAP, { yield_time_ms: 1_000 })],
        (request) => [writeStdin("c2", sessionIdOf(request, "c1"), "\u0003")],
      ]);
      assert.match(outputs.get("c1") ?? "", /ready/);
      assert.match(outputs.get("c2") ?? "", /caught-it/);
      assert.match(outputs.get("c2") ?? "", /Process exited with code 7/);
    },
  },
];
