import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Executor } from "@holdfast/exec-client";
import { type ExecArguments, type ExecSettings, UnifiedExec } from "@holdfast/orchestrator";
import { isAtLeast } from "@holdfast/reference-peer";
import { BadLine, until } from "@holdfast/testkit";
import { type Recorder, startRecorder } from "../recorder.ts";
import type { ClientScenario, ScenarioContext } from "../scenario.ts";
import type { WireMessage } from "../wire-line.ts";

const CTRL_C = "\u0003";
/** More than an executor keeps. */
const MUCH_BYTES = 3_000_000;

function commandsOn(executor: Executor, cwd: string, settings: ExecSettings = { sandbox: "none" }): UnifiedExec {
  return new UnifiedExec({
    environments: () => ({ id: "remote", executor, cwd, isRemote: true }),
    settings: { login: false, ...settings },
  });
}

/** What one side sent, of this method, as params. */
function sent({ messages }: Recorder, from: "client" | "server", method: string): WireMessage["params"][] {
  return messages
    .filter((message) => message.from === from && message.text.includes(`"${method}"`))
    .map(({ text }) => JSON.parse(text) as WireMessage)
    .filter((message) => message.method === method)
    .map(({ params }) => params);
}

/** Releases before 0.144 say nothing of the sandbox when a command exits. */
function isLegacy({ executorRelease }: ScenarioContext): boolean {
  return executorRelease !== undefined && !isAtLeast(executorRelease, "0.144.0");
}

interface Read {
  readonly processId: string;
  readonly afterSeq: number;
  readonly maxBytes: unknown;
  readonly waitMs: unknown;
}

/** Reads, those of one process together. */
function inOrder(reads: readonly Read[]): readonly Read[] {
  return reads.toSorted((one, other) => one.processId.localeCompare(other.processId));
}

function readsIn(recorder: Recorder): readonly Read[] {
  const reads = sent(recorder, "client", "process/read") as unknown as readonly Partial<Read>[];
  return inOrder(
    reads.map(({ processId = "", afterSeq = -1, maxBytes = null, waitMs }) => ({
      processId,
      afterSeq,
      maxBytes,
      waitMs,
    })),
  );
}

/** The reads that complete the exits of such a release: of what comes behind the event before each. */
function completingReads(recorder: Recorder): readonly Read[] {
  const exits = sent(recorder, "server", "process/exited");
  return inOrder(
    exits.map((params) => ({
      processId: String(params?.processId),
      afterSeq: Number(params?.seq) - 1,
      maxBytes: null,
      waitMs: 0,
    })),
  );
}

const COMMANDS: readonly ExecArguments[] = [
  { cmd: "echo one; echo two >&2; exit 3" },
  { cmd: "true" },
  { cmd: "seq 1 20000" },
  { cmd: "head -c 300000 /dev/zero" },
  { cmd: "echo in a terminal", tty: true },
  { cmd: "for i in 1 2 3; do echo $i; sleep 0.05; done", yieldTimeMs: 30_000 },
];

export const CLIENT_UNIFIED_EXEC: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.exec-reads",
    sentence: "commands of an agent cost no read; where an exit does not say sandboxDenied exactly one each",
    requirements: ["exec.reads", "exit.sandbox-denied"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using recorder = await startRecorder(served.url);
      await using executor = await connect(recorder.url);
      await using exec = commandsOn(executor, context.folder);
      const results = await Promise.all(COMMANDS.map((command) => exec.exec(command)));
      assert.deepEqual(
        results.map(({ exitCode }) => exitCode),
        [3, 0, 0, 0, 0, 0],
      );
      assert.deepEqual(readsIn(recorder), isLegacy(context) ? completingReads(recorder) : []);
      // One line and one session for all of them: they are read as fast as they come.
      assert.equal(new Set(recorder.messages.map(({ line }) => line)).size, 1, "connections");
      const ids = sent(recorder, "client", "process/start").map((params) => String(params?.processId));
      for (const id of ids) assert.match(id, /^\d{4,5}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    },
  },
  {
    direction: "client",
    id: "client.exec-denied-reads",
    sentence: "a denial that is pushed with the exit costs no read",
    requirements: ["exec.reads", "exit.sandbox-denied"],
    essential: true,
    since: "0.144.0",
    async run(context) {
      await using served = await context.serve();
      await using recorder = await startRecorder(served.url);
      await using executor = await connect(recorder.url);
      await using exec = commandsOn(executor, context.folder, { sandbox: "read-only" });
      const result = await exec.exec({ cmd: "echo new >file" });
      assert.equal(result.sandboxDenied, true, result.output);
      assert.deepEqual(sent(recorder, "client", "process/read"), []);
    },
  },
  {
    direction: "client",
    id: "client.exec-retry",
    sentence: "a denied command that somebody lets run again is started twice, once with a sandbox and once without",
    requirements: ["exec.reads", "exit.sandbox-denied"],
    essential: true,
    since: "0.144.0",
    async run(context) {
      await using served = await context.serve();
      await using recorder = await startRecorder(served.url);
      await using executor = await connect(recorder.url);
      await using exec = new UnifiedExec({
        environments: () => ({ id: "remote", executor, cwd: context.folder, isRemote: true }),
        settings: { sandbox: "read-only", login: false, approvalPolicy: { granular: { sandbox_approval: true } } },
        askApproval: () => "accept",
      });
      const result = await exec.exec({ cmd: "echo new >file && cat file" });
      assert.deepEqual([result.exitCode, result.output], [0, "new\n"]);
      const starts = sent(recorder, "client", "process/start");
      assert.deepEqual(
        starts.map((params) => (params?.sandbox ?? null) === null),
        [false, true],
      );
      const numbers = starts.map((params) => String(params?.processId).split("-")[0]);
      assert.equal(numbers[0], numbers[1], "the number of both");
      assert.notEqual(starts[0]?.processId, starts[1]?.processId);
      assert.deepEqual(sent(recorder, "client", "process/read"), []);
    },
  },
  {
    direction: "client",
    id: "client.exec-lost-notice",
    sentence: "a notice that is lost on a line that lives costs one read, and nothing is missing",
    requirements: ["exec.reads"],
    essential: false,
    since: "0.144.0",
    async run(context) {
      await using served = await context.serve();
      const loses = (text: string): boolean => /"method":"process\/output"/.test(text) && /"seq":2\b/.test(text);
      await using recorder = await startRecorder(served.url, { loses });
      await using executor = await connect(recorder.url);
      await using exec = commandsOn(executor, context.folder);
      const result = await exec.exec({ cmd: "for i in 1 2 3 4; do echo $i; sleep 0.05; done" });
      assert.deepEqual([result.exitCode, result.output], [0, "1\n2\n3\n4\n"]);
      assert.deepEqual(
        sent(recorder, "client", "process/read").map((params) => params?.afterSeq),
        [1],
      );
    },
  },
  {
    direction: "client",
    id: "client.exec-lost-line",
    sentence:
      "a line that is cut is a pause for a command: nothing is missing, and reads are made for those that run alone",
    requirements: ["exec.reads", "session.resume"],
    essential: false,
    async run(context) {
      await using served = await context.serve();
      await using recorder = await startRecorder(served.url);
      await using line = await BadLine.to(recorder.url);
      await using executor = await connect(line.url);
      await using exec = commandsOn(executor, context.folder);
      await exec.exec({ cmd: "echo over" });
      const before = sent(recorder, "client", "process/read").length;
      const { sessionId = 0, output } = await exec.exec({
        cmd: "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done",
        yieldTimeMs: 250,
      });
      line.cut();
      const rest = await exec.write({ sessionId, yieldTimeMs: 30_000 });
      assert.deepEqual([rest.exitCode, output + rest.output], [0, "1\n2\n3\n4\n5\n6\n7\n8\n"]);
      const reads = sent(recorder, "client", "process/read").slice(before);
      assert.equal(new Set(reads.map((params) => params?.processId)).size, 1, "processes that are asked for");
      assert.ok(reads.length <= (isLegacy(context) ? 4 : 3), `${reads.length} reads`);
    },
  },
  {
    direction: "client",
    id: "client.exec-too-much",
    sentence: "what an executor drops while the line is away fails that command alone; one that holds it drops nothing",
    requirements: ["exec.reads", "session.resume"],
    essential: false,
    async run(context) {
      await using served = await context.serve();
      await using line = await BadLine.to(served.url);
      await using executor = await connect(line.url);
      await using exec = commandsOn(executor, context.folder);
      const [gate, end] = [join(context.folder, "gate"), join(context.folder, "end")];
      const cmd = `until [ -e ${gate} ]; do sleep 0.02; done; head -c ${MUCH_BYTES} /dev/zero | tr '\\0' x; touch ${end}; sleep 0.2`;
      const loud = await exec.exec({ cmd, yieldTimeMs: 250 });
      const quiet = await exec.exec({ cmd: `until [ -e ${end} ]; do sleep 0.02; done; echo over`, yieldTimeMs: 250 });
      line.refuse();
      line.cut();
      await writeFile(gate, "");
      // One that holds it has to be asked again before the command can go on.
      if (context.executorRelease !== undefined) await until(() => existsSync(end));
      line.admit();
      const rest = exec.write({ sessionId: loud.sessionId ?? 0, yieldTimeMs: 30_000 });
      if (context.executorRelease === undefined) {
        const { exitCode, originalTokenCount } = await rest;
        assert.deepEqual([exitCode, originalTokenCount], [0, MUCH_BYTES / 4]);
      } else {
        await assert.rejects(rest, { code: "failed", message: /^Unified exec process failed: / });
        await assert.rejects(exec.write({ sessionId: loud.sessionId ?? 0 }), { code: "unknown-process" });
      }
      const other = await exec.write({ sessionId: quiet.sessionId ?? 0, yieldTimeMs: 30_000 });
      assert.deepEqual([other.exitCode, other.output], [0, "over\n"]);
    },
  },
  {
    direction: "client",
    id: "client.exec-interrupt",
    sentence: "ctrl-C to a command without a terminal is an interrupt: a trap's own code counts, without one it is 130",
    requirements: ["exec.interrupt"],
    essential: true,
    since: "0.144.0",
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      await using exec = commandsOn(executor, context.folder);
      const interrupted = async (cmd: string) => {
        const result = await exec.exec({ cmd, yieldTimeMs: 250 });
        const { sessionId = 0 } = result;
        let { output } = result;
        await until(async () => {
          if (!output.includes("ready")) output += (await exec.write({ sessionId })).output;
          return output.includes("ready");
        });
        return await exec.write({ sessionId, chars: CTRL_C, yieldTimeMs: 10_000 });
      };
      const trap = await interrupted("trap 'echo trapped; exit 42' INT; echo ready; while :; do sleep 0.05; done");
      assert.deepEqual([trap.exitCode, trap.output], [42, "trapped\n"]);
      const plain = await interrupted("echo ready; exec sleep 1000");
      assert.equal(plain.exitCode, 130);
    },
  },
];
