import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WireScenario } from "../scenario.ts";
import { startParams, uriOf } from "../start-params.ts";
import { WireLine } from "../wire-line.ts";

const INHERIT_ALL = { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] };

export const WIRE_PROCESSES: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.pty-missing-folder",
    sentence: "a terminal in a folder that does not exist is an error, not a shell elsewhere",
    requirements: ["start.pty-missing-folder", "start.pty"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const answer = await line.call(
        "process/start",
        startParams(context.folder, {
          processId: "lost",
          argv: ["/bin/pwd"],
          tty: true,
          cwd: uriOf(join(context.folder, "missing")),
        }),
      );
      assert.ok(answer.error !== undefined, "the terminal started somewhere");
      assert.equal(answer.error.code, -32603);
      assert.match(answer.error.message, /No such file or directory/);
    },
  },
  {
    direction: "wire",
    id: "wire.non-utf8-environment",
    sentence: "an executor with a non-UTF-8 variable of its own still starts processes with a policy",
    requirements: ["start.non-utf8-environment", "start.environment"],
    essential: true,
    async run(context) {
      await using executor = await context.serve({
        env: { HOLDFAST_PLAIN: "plain" },
        shellPrelude: "HOLDFAST_ODD=$(printf 'a\\377b'); export HOLDFAST_ODD",
      });
      await using line = await WireLine.open(executor.url);
      const argv = ["/bin/sh", "-c", 'echo "$HOLDFAST_PLAIN"'];
      const start = await line.call(
        "process/start",
        startParams(context.folder, { processId: "odd", argv, envPolicy: INHERIT_ALL }),
        5_000,
      );
      assert.equal(start.error, undefined);
      await line.notice("process/closed", "odd");
      assert.equal(line.outputOf("odd"), "plain\n");
    },
  },
  {
    direction: "wire",
    id: "wire.start-error-kinds",
    sentence: "a start that the system refused says in its data which kind of refusal that is",
    requirements: ["start.error-kinds", "start.spawn-errors"],
    essential: true,
    since: "0.171.0",
    async run(context) {
      const file = join(context.folder, "no-format");
      await writeFile(file, "echo this is no program\n", { mode: 0o755 });
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const cases: readonly (readonly [kind: string, params: object])[] = [
        ["spawnNotFound", { argv: ["/nowhere/program"] }],
        ["spawnNotFound", { argv: ["no-such-program"] }],
        ["spawnNotFound", { argv: ["/bin/true"], cwd: uriOf(join(context.folder, "missing")) }],
        ["spawnPermissionDenied", { argv: [context.folder] }],
        ["spawnFailed", { argv: [file] }],
        ["spawnFailed", { argv: [""] }],
      ];
      for (const [index, [kind, params]] of cases.entries()) {
        const start = startParams(context.folder, { processId: `kind-${index}`, argv: [], ...params });
        const { error } = await line.call("process/start", start);
        assert.equal(error?.code, -32603, `${JSON.stringify(params)} was answered with ${error?.code}`);
        assert.equal((error.data as { kind?: unknown } | undefined)?.kind, kind, JSON.stringify(params));
      }
      const { error: undecodable } = await line.call("process/start", { processId: "p" });
      assert.deepEqual([undecodable?.code, undecodable?.data], [-32602, undefined]);
    },
  },
  {
    direction: "wire",
    id: "wire.no-shell-for-what-is-no-program",
    sentence: "a file that is neither a script with a first line nor a program is refused, and no shell reads it",
    requirements: ["start.spawn-errors"],
    essential: false,
    async run(context) {
      const file = join(context.folder, "no-format");
      await writeFile(file, "echo this is no program\n", { mode: 0o755 });
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const start = startParams(context.folder, { processId: "p", argv: [file] });
      const { error } = await line.call("process/start", start);
      assert.deepEqual([error?.code, error?.message], [-32603, "Exec format error (os error 8)"]);
    },
  },
  {
    direction: "wire",
    id: "wire.refusals",
    sentence:
      "an empty argv, a used id, a missing program, a closed stdin and an early call get the codes of the protocol",
    requirements: [
      "start.argv",
      "start.process-id",
      "start.spawn-errors",
      "write.stdin-closed",
      "handshake.gate",
      "path.uri",
    ],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using early = await WireLine.open(executor.url, { handshake: false });
      assert.equal((await early.call("process/read", { processId: "x" })).error?.code, -32600);
      await using line = await WireLine.open(executor.url);
      const start = async (params: Parameters<typeof startParams>[1]) =>
        await line.call("process/start", startParams(context.folder, params));
      assert.equal((await start({ processId: "a", argv: [] })).error?.code, -32602);
      assert.equal((await start({ processId: "a", argv: ["/no/such/program"] })).error?.code, -32603);
      assert.equal((await start({ processId: "a", argv: ["/bin/true"], cwd: "http://x/y" })).error?.code, -32602);
      assert.equal((await start({ processId: "a", argv: ["/bin/sleep", "60"] })).error, undefined);
      assert.equal((await start({ processId: "a", argv: ["/bin/true"] })).error?.code, -32600);
      const write = await line.call("process/write", { processId: "a", chunk: "", writeId: "1" });
      assert.deepEqual(write.result, { status: "stdinClosed" });
      assert.deepEqual((await line.call("process/terminate", { processId: "a" })).result, { running: true });
    },
  },
  {
    direction: "wire",
    id: "wire.terminal-exit-code",
    sentence: "a program that lets go of its terminal before it ends still exits with its own code",
    requirements: ["start.pty", "exit.code"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const argv = ["/bin/sh", "-c", "echo words; exec <&- >&- 2>&-; sleep 0.3; exit 7"];
      await line.call("process/start", startParams(context.folder, { processId: "p", argv, tty: true }));
      const { params } = await line.notice("process/exited", "p");
      assert.equal(params?.exitCode, 7, "the program died of its terminal");
    },
  },
];
