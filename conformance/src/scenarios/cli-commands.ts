import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, until } from "@holdfast/testkit";
import { execCommand } from "../conversation.ts";
import type { CliScenario } from "../scenario.ts";

export const CLI_COMMANDS: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.run-command",
    sentence: "a command's stdout, stderr and exit code reach the model",
    requirements: ["handshake.sequence", "start.argv", "output.notices", "exit.code"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      const { outputs } = await context.converse(executor.url, [
        () => [execCommand("c1", "pwd; printf 'out-%s\\n' marker; echo err-marker >&2; exit 3")],
      ]);
      const output = outputs.get("c1") ?? "";
      assert.match(output, /Process exited with code 3/);
      for (const part of [context.folder, "out-marker", "err-marker"]) assert.ok(output.includes(part), output);
    },
  },
  {
    direction: "cli",
    id: "cli.side-by-side",
    sentence: "commands of one turn run side by side and keep their outputs apart",
    requirements: ["start.process-id", "output.notices"],
    essential: false,
    async run(context) {
      await using executor = await context.serve();
      const ids = ["c1", "c2", "c3", "c4"];
      const { outputs } = await context.converse(executor.url, [
        () => ids.map((id) => execCommand(id, `for i in 1 2 3; do echo mark-${id}; sleep 0.05; done`)),
      ]);
      for (const id of ids) {
        const marks = outputs.get(id)?.match(/mark-c\d/g);
        assert.deepEqual(marks, Array(3).fill(`mark-${id}`), `output of ${id}`);
      }
    },
  },
  {
    direction: "cli",
    id: "cli.long-output",
    sentence: "a command that prints a megabyte ends with its code and its last line",
    requirements: ["output.notices", "exit.close-last"],
    essential: false,
    async run(context) {
      await using executor = await context.serve();
      const { outputs } = await context.converse(executor.url, [
        () => [
          execCommand("c1", "seq 1 150000; echo the-end; exit 5", { max_output_tokens: 200, yield_time_ms: 20_000 }),
        ],
      ]);
      const output = outputs.get("c1") ?? "";
      assert.match(output, /Process exited with code 5/);
      assert.ok(output.includes("the-end"), output.slice(-300));
    },
  },
  {
    direction: "cli",
    id: "cli.missing-folder",
    sentence: "a command in a folder that does not exist is an error the model sees, and the work goes on",
    requirements: ["start.spawn-errors"],
    essential: false,
    async run(context) {
      await using executor = await context.serve();
      const workdir = join(context.folder, "missing");
      const { outputs } = await context.converse(executor.url, [
        () => [execCommand("c1", "echo ran", { workdir })],
        () => [execCommand("c2", "echo still-here")],
      ]);
      assert.match(outputs.get("c1") ?? "", /No such file or directory/);
      assert.match(outputs.get("c2") ?? "", /still-here/);
    },
  },
  {
    direction: "cli",
    id: "cli.no-leftovers",
    sentence: "a command that is still running when the orchestrator ends is ended with it",
    requirements: ["terminate.group"],
    essential: false,
    async run(context) {
      await using executor = await context.serve();
      await context.converse(executor.url, [
        () => [execCommand("c1", "echo $$ > pid; exec sleep 300", { yield_time_ms: 500 })],
      ]);
      const pid = Number(await readFile(join(context.folder, "pid"), "utf8"));
      assert.ok(pid > 1);
      await until(() => !isAlive(pid), { what: `process ${pid} is still running` });
    },
  },
];
