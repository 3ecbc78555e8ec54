import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { connect, type ProcessEvent, type RunningProcess } from "@holdfast/exec-client";
import { isAtLeast } from "@holdfast/reference-peer";
import { startRecorder } from "../recorder.ts";
import type { ClientScenario } from "../scenario.ts";

const SIDE_BY_SIDE = 40;
const MEBIBYTE = 1 << 20;
/** More than the queues on the way hold. */
const SLOWLY_READ_BYTES = 48 * MEBIBYTE;

async function drain(running: RunningProcess): Promise<ProcessEvent[]> {
  const events: ProcessEvent[] = [];
  for await (const event of running.events()) events.push(event);
  return events;
}

function textOf(events: readonly ProcessEvent[]): string {
  return Buffer.concat(events.flatMap((event) => (event.type === "output" ? [event.data] : []))).toString("utf8");
}

/** Read events until the output so far contains `text`. */
async function untilOutput(running: RunningProcess, text: string): Promise<void> {
  let seen = "";
  for await (const event of running.events()) {
    if (event.type === "output") seen += Buffer.from(event.data).toString("utf8");
    if (seen.includes(text)) return;
  }
  assert.fail(`the process ended without saying ${text}: ${seen}`);
}

export const CLIENT_PROCESSES: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.run",
    sentence: "run() gives stdout, stderr and exit code apart, whatever the code",
    requirements: ["handshake.sequence", "start.argv", "output.notices", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const result = await executor.run(["/bin/sh", "-c", "pwd; echo err >&2; exit 3"], { cwd });
      assert.deepEqual([result.stdout, result.stderr, result.exitCode], [`${cwd}\n`, "err\n", 3]);
      const killed = await executor.run(["/bin/sh", "-c", "kill -9 $$"], { cwd });
      assert.equal(killed.exitCode, 137);
      const env = await executor.run(["/bin/sh", "-c", 'echo "$A"'], { cwd, env: { A: "ä b" } });
      assert.equal(env.stdout, "ä b\n");
    },
  },
  {
    direction: "client",
    id: "client.compatibility-read",
    sentence: "a complete pushed stream costs no read; an executor that does not push sandboxDenied costs exactly one",
    requirements: ["exit.sandbox-denied", "read.window"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using recorder = await startRecorder(served.url);
      await using executor = await connect(recorder.url);
      const result = await executor.run(["/bin/sh", "-c", "echo a; sleep 0.1; echo b"], { cwd: context.folder });
      assert.deepEqual([result.stdout, result.exitCode, result.sandboxDenied], ["a\nb\n", 0, false]);
      const reads = recorder.messages.filter(({ text }) => text.includes('"process/read"')).length;
      const release = context.executorRelease;
      const isLegacy = release !== undefined && !isAtLeast(release, "0.144.0");
      assert.equal(reads, isLegacy ? 1 : 0, "process/read requests");
    },
  },
  {
    direction: "client",
    id: "client.events-in-order",
    sentence: "events come with sequence numbers 1, 2, 3 …, each once, close last, over 4 MiB of output",
    requirements: ["output.notices", "exit.close-last"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const argv = ["/bin/sh", "-c", `head -c ${4 * MEBIBYTE} /dev/zero | tr '\\0' x`];
      await using running = await executor.processes.start({ argv, cwd: context.folder });
      const events = await drain(running);
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index + 1),
      );
      assert.equal(textOf(events).length, 4 * MEBIBYTE);
      assert.equal(events.at(-1)?.type, "closed");
      assert.equal(events.filter(({ type }) => type === "exited").length, 1);
    },
  },
  {
    direction: "client",
    id: "client.forty-at-once",
    sentence: `${SIDE_BY_SIDE} processes at once keep their outputs apart`,
    requirements: ["start.process-id", "output.notices"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const runs = Array.from({ length: SIDE_BY_SIDE }, async (_, n) => {
        const argv = ["/bin/sh", "-c", `for i in 1 2 3; do echo process-${n}; done`];
        const { stdout } = await executor.run(argv, { cwd: context.folder });
        assert.equal(stdout, `process-${n}\n`.repeat(3));
      });
      await Promise.all(runs);
    },
  },
  {
    direction: "client",
    id: "client.stdin",
    sentence: "what is written to a piped stdin reaches the program in order",
    requirements: ["write.accepted", "write.order", "terminate.group"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      await using cat = await executor.processes.start({ argv: ["/bin/cat"], cwd: context.folder, pipeStdin: true });
      await Promise.all(Array.from({ length: 20 }, (_, n) => cat.write(`line ${n}\n`)));
      await cat.write("the end\n");
      await untilOutput(
        cat,
        Array.from({ length: 20 }, (_, n) => `line ${n}\n`)
          .join("")
          .concat("the end\n"),
      );
      assert.deepEqual(await cat.terminate(), { running: true });
      await cat.closed;
      assert.deepEqual(await cat.terminate(), { running: false });
    },
  },
  {
    direction: "client",
    id: "client.terminal",
    sentence: "a terminal is 24 by 80, echoes what is typed, and ctrl-c interrupts",
    requirements: ["start.pty", "write.accepted", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const argv = [
        "/bin/sh",
        "-c",
        "stty size; trap 'echo caught; exit 9' INT; while :; do read -r l; echo \"<$l>\"; done",
      ];
      await using shell = await executor.processes.start({ argv, cwd: context.folder, tty: true });
      await untilOutput(shell, "24 80");
      await shell.write("typed\n");
      await untilOutput(shell, "<typed>");
      await shell.write("\u0003");
      const events = await drain(shell);
      assert.match(textOf(events), /caught/);
      assert.equal((await shell.closed).exitCode, 9);
    },
  },
  {
    direction: "client",
    id: "client.interrupt",
    sentence: "interrupt() reaches the whole process group",
    requirements: ["signal.interrupt", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const inner = "trap 'echo inner; exit 0' INT; echo ready; while :; do sleep 0.05; done";
      const argv = ["/bin/bash", "-c", `trap 'echo outer; exit 5' INT; bash -c "${inner}"; sleep 5`];
      await using running = await executor.processes.start({ argv, cwd: context.folder });
      await untilOutput(running, "ready");
      await running.interrupt();
      const output = textOf(await drain(running));
      assert.match(output, /inner/);
      assert.match(output, /outer/);
      assert.equal((await running.closed).exitCode, 5);
    },
  },
  {
    direction: "client",
    id: "client.slow-reader",
    sentence: "a slow reader of stdout gets every byte, and another process answers in the meantime",
    requirements: ["output.notices"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      await using cat = await executor.processes.start({ argv: ["/bin/cat"], cwd, pipeStdin: true });
      const answers = cat.stdout.getReader();
      const argv = ["/bin/sh", "-c", `yes | head -c ${SLOWLY_READ_BYTES}`];
      await using printer = await executor.processes.start({ argv, cwd });
      let bytes = 0;
      let asked = 0;
      for await (const chunk of printer.stdout) {
        bytes += chunk.byteLength;
        if (bytes < asked * MEBIBYTE) continue;
        asked += 1;
        await cat.write("still there?");
        const answer = await answers.read();
        assert.equal(Buffer.from(answer.value ?? []).toString(), "still there?");
      }
      assert.equal(bytes, SLOWLY_READ_BYTES);
    },
  },
  {
    direction: "client",
    id: "client.start-errors",
    sentence:
      "a missing program or folder is an error with its code, the line lives on, and sessions share no process ids",
    requirements: ["start.spawn-errors", "start.process-id"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const code = "ENOENT";
      const program = { name: "CommandNotFoundError", code, reason: "program" };
      await assert.rejects(executor.run(["/no/such/program"], { cwd }), program);
      await assert.rejects(executor.run(["no-such-program"], { cwd }), program);
      const folder = { name: "StartError", code, reason: "cwd" };
      await assert.rejects(executor.run(["/bin/true"], { cwd: `${cwd}/missing` }), folder);
      const script = `${cwd}/script`;
      await writeFile(script, "#!/no/such/interpreter\n", { mode: 0o755 });
      await assert.rejects(executor.run([script], { cwd }), { name: "StartError", code, reason: "interpreter" });
      await using first = await executor.processes.start({ argv: ["/bin/sleep", "60"], cwd, processId: "twice" });
      assert.equal(first.id, "twice");
      assert.equal((await executor.run(["/bin/true"], { cwd })).exitCode, 0);
      await using other = await connect(served.url);
      await using same = await other.processes.start({ argv: ["/bin/sleep", "60"], cwd, processId: "twice" });
      assert.equal(same.id, "twice");
    },
  },
];
