import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contextFor, workspaceWrite } from "../sandbox/columns.ts";
import { makePlayground } from "../sandbox/playground.ts";
import { environmentOf, runConfined } from "../sandbox/run-column.ts";
import type { WireScenario } from "../scenario.ts";
import { WireLine } from "../wire-line.ts";

interface Ending {
  readonly what: string;
  readonly argv: readonly string[];
  readonly exitCode: number | readonly number[];
  readonly denied: boolean;
}

function shell(script: string): readonly string[] {
  return ["/bin/sh", "-c", script];
}

const ENDINGS: readonly Ending[] = [
  { what: "a write outside", argv: shell("touch /etc/holdfast-conformance"), exitCode: 1, denied: true },
  { what: "the word sandbox", argv: shell("echo sandbox; exit 1"), exitCode: 1, denied: true },
  { what: "a denial and exit code 2", argv: shell("echo Permission denied; exit 2"), exitCode: 2, denied: true },
  { what: "a denial and exit code 0", argv: shell("echo Permission denied"), exitCode: 0, denied: false },
  { what: "SIGSYS", argv: shell("kill -SYS $$"), exitCode: 159, denied: true },
  { what: "SIGKILL", argv: shell("kill -KILL $$"), exitCode: 137, denied: false },
  { what: "SIGTERM", argv: shell("kill -TERM $$"), exitCode: 143, denied: false },
  {
    what: "a name that can't be looked up",
    argv: shell("echo 'Could not resolve host: x'; exit 6"),
    exitCode: 6,
    denied: false,
  },
  { what: "exit code 3", argv: shell("exit 3"), exitCode: 3, denied: false },
  { what: "a file that is no program", argv: shell("./noexec"), exitCode: 126, denied: true },
  { what: "a command nobody knows", argv: shell("no-such-command-here"), exitCode: 127, denied: false },
];

export const WIRE_SANDBOX_DENIAL: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.sandbox-denied",
    sentence: "the exit event tells whether the sandbox was probably the reason",
    requirements: ["sandbox.denial"],
    essential: true,
    since: "0.169.0",
    async run(context) {
      await using playground = await makePlayground(process.getuid?.() ?? 0);
      await writeFile(join(playground.workspace, "noexec"), "content\n", { mode: 0o644 });
      await using executor = await context.serve({ env: { TMPDIR: playground.temporary } });
      await using line = await WireLine.open(executor.url);
      const common = {
        env: environmentOf(playground),
        sandbox: contextFor(playground.workspace, workspaceWrite()),
      };
      for (const { what, argv, exitCode, denied } of ENDINGS) {
        const ran = await runConfined(line, playground.workspace, { argv, ...common });
        assert.deepEqual([ran.exitCode, ran.sandboxDenied], [exitCode, denied], `${what}: ${ran.output}`);
      }
    },
  },
  {
    direction: "wire",
    id: "wire.sandbox-denied-program-missing",
    sentence: "a program that is missing in a sandbox fails in words that say so, and is no denial",
    requirements: ["sandbox.denial"],
    essential: true,
    since: "0.169.0",
    async run(context) {
      await using playground = await makePlayground(process.getuid?.() ?? 0);
      await using executor = await context.serve({ env: { TMPDIR: playground.temporary } });
      await using line = await WireLine.open(executor.url);
      const ran = await runConfined(line, playground.workspace, {
        argv: ["/no/such/program"],
        env: environmentOf(playground),
        sandbox: contextFor(playground.workspace, workspaceWrite()),
      });
      assert.notEqual(ran.exitCode, 0);
      assert.match(ran.output, /No such file or directory/);
      assert.equal(ran.sandboxDenied, false, "a missing program was taken for a denial");
    },
  },
];
