import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  connect,
  isCommandNotFound,
  isUnsupported,
  ProcessInputError,
  RunInterruptedError,
  type RunningProcess,
} from "@holdfast/exec-client";
import { isAlive } from "@holdfast/testkit";
import type { ClientScenario } from "../scenario.ts";

const MEBIBYTE = 1 << 20;
/** More than the queues on the way hold. */
const LARGE_INPUT_BYTES = 24 * MEBIBYTE;
/** A script that takes its time over signals. */
const WAITING = "while :; do sleep 0.05; done";

/** Lines until this one; the process goes on. */
async function untilLine(running: RunningProcess, wanted: string): Promise<void> {
  for await (const line of running.lines()) if (line === wanted) return;
  assert.fail(`the process ended without printing ${wanted}`);
}

async function* pieces(count: number): AsyncGenerator<string, void, void> {
  for (let n = 0; n < count; n += 1) yield `line ${n}\n`;
}

export const CLIENT_PROCESS_CONTROL: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.input-ends",
    sentence: "a command sees the end of its input, whether that is a text, bytes, a Blob, a stream or an iterable",
    requirements: ["write.accepted", "write.order", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const sorted = await executor.run(["sort"], { cwd, input: "b\na\n" });
      assert.deepEqual([sorted.stdout, sorted.stderr, sorted.exitCode], ["a\nb\n", "", 0]);
      assert.equal((await executor.run(["cat"], { cwd, input: "" })).stdout, "");
      await assert.rejects(executor.run(["no-such-program"], { cwd, input: "a" }), isCommandNotFound);
      await assert.rejects(executor.run(["/etc/passwd"], { cwd, input: "a" }), { name: "StartError", code: "EACCES" });
      const count = async (input: Parameters<typeof executor.run>[1] & object) =>
        Number((await executor.run(["wc", "-c"], { cwd, ...input })).stdout);
      assert.equal(await count({ input: new Uint8Array(LARGE_INPUT_BYTES) }), LARGE_INPUT_BYTES);
      const blob = new Blob(["ä".repeat(500_000)]);
      assert.equal(await count({ input: blob }), 1_000_000);
      assert.equal(await count({ input: blob.stream() }), 1_000_000);
      const counted = await executor.run(["wc", "-l"], { cwd, input: pieces(20_000) });
      assert.equal(Number(counted.stdout), 20_000);
    },
  },
  {
    direction: "client",
    id: "client.input-cut-short",
    sentence: "a command that ends early cancels the source of its input; a source that fails ends the command",
    requirements: ["write.accepted", "terminate.group"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const cancelled = Promise.withResolvers<unknown>();
      const endless = new ReadableStream<string>({
        pull: (controller) => controller.enqueue("abc\n".repeat(1_000)),
        cancel: (reason) => cancelled.resolve(reason),
      });
      assert.equal((await executor.run(["head", "-n", "1"], { cwd, input: endless })).stdout, "abc\n");
      await cancelled.promise;
      const broken = (async function* () {
        yield "some";
        throw new Error("the source broke");
      })();
      await assert.rejects(
        executor.run(["cat"], { cwd, input: broken }),
        (error) =>
          error instanceof ProcessInputError &&
          error.code === "sourceFailed" &&
          (error.cause as Error).message === "the source broke",
      );
    },
  },
  {
    direction: "client",
    id: "client.write-order",
    sentence: "a large write and a large input arrive in order, also where requests are worked on side by side",
    requirements: ["write.order"],
    essential: true,
    async run(context) {
      await using served = await context.serve({ concurrentRequests: 8 });
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const data = randomBytes(8 * MEBIBYTE);
      const expected = createHash("sha256").update(data).digest("hex");
      const argv = ["sha256sum"];
      const { stdout } = await executor.run(argv, { cwd, input: data });
      assert.equal(stdout.split(" ")[0], expected);
      await using running = await executor.processes.start({ argv, cwd, stdin: "pipe" });
      await running.write(data);
      await running.closeStdin();
      const line = await running.lines().next();
      assert.equal(line.value?.split(" ")[0], expected);
    },
  },
  {
    direction: "client",
    id: "client.close-stdin",
    sentence: "closeStdin() ends the input of a process behind all that was written",
    requirements: ["write.order", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const options = { argv: ["cat"], cwd: context.folder, stdin: "pipe" } as const;
      await using cat = await executor.processes.start(options);
      await Promise.all([cat.write("one\n"), cat.write("two\n"), cat.closeStdin(), cat.closeStdin()]);
      const lines: string[] = [];
      for await (const line of cat.lines()) lines.push(line);
      assert.deepEqual(lines, ["one", "two"]);
      assert.equal((await cat.closed).exitCode, 0);
      await cat.closeStdin();
      const filed = await executor.processes.start({
        ...options,
        argv: ["sh", "-c", "test -f /dev/stdin && cat"],
        stdin: "file",
      });
      await filed.write("of a file");
      await filed.closeStdin();
      assert.deepEqual(
        [await filed.stdoutText.getReader().read(), (await filed.closed).exitCode],
        [{ done: false, value: "of a file" }, 0],
      );
    },
  },
  {
    direction: "client",
    id: "client.kill",
    sentence: "kill() sends any signal to the process group, and SIGKILL after the grace",
    requirements: ["signal.interrupt", "terminate.group", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const polite = `trap 'echo cleaned up; exit 7' TERM; echo up; ${WAITING}`;
      await using first = await executor.processes.start({ argv: ["sh", "-c", polite], cwd });
      await untilLine(first, "up");
      assert.equal(await first.kill(), true);
      assert.equal((await first.closed).exitCode, 7);
      assert.equal(await first.kill(), false);
      await using counter = await executor.processes.start({
        argv: ["sh", "-c", `trap 'echo counted' USR1; echo up; ${WAITING}`],
        cwd,
      });
      await untilLine(counter, "up");
      await counter.kill("SIGUSR1");
      await untilLine(counter, "counted");
      await using stubborn = await executor.processes.start({
        argv: ["sh", "-c", `trap '' TERM; echo up; ${WAITING}`],
        cwd,
      });
      await untilLine(stubborn, "up");
      assert.equal(await stubborn.kill("SIGTERM", { graceMs: 200 }), true);
      assert.notEqual((await stubborn.closed).exitCode, 0);
    },
  },
  {
    direction: "client",
    id: "client.end",
    sentence:
      "end() asks first and then leaves nothing: not what left the group, nor what a process that has ended left",
    requirements: ["terminate.group", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const leaves = "setsid sh -c 'echo $$; exec sleep 60 >/dev/null 2>&1' &";
      const start = async (script: string): Promise<{ readonly running: RunningProcess; readonly left: number }> => {
        const running = await executor.processes.start({ argv: ["sh", "-c", script], cwd });
        const { value = "" } = await running.lines().next();
        assert.ok(isAlive(Number(value)));
        return { running, left: Number(value) };
      };
      const polite = await start(`${leaves} trap 'exit 7' TERM; ${WAITING}`);
      await polite.running.end();
      assert.equal((await polite.running.exited).exitCode, 7);
      assert.equal(isAlive(polite.left), false);
      const stubborn = await start(`${leaves} trap '' TERM; ${WAITING}`);
      await stubborn.running.end({ graceMs: 200 });
      assert.equal(isAlive(stubborn.left), false);
      const gone = await start(`${leaves} sleep 0.1`);
      await gone.running.closed;
      assert.ok(isAlive(gone.left));
      await gone.running.end();
      assert.equal(isAlive(gone.left), false);
    },
  },
  {
    direction: "client",
    id: "client.kill-confined",
    sentence: "a signal and a new size reach a confined command, not only what confines it",
    requirements: ["signal.interrupt", "start.pty"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const options = { cwd: context.folder, sandbox: "workspace-write" } as const;
      const polite = `trap 'echo cleaned up; exit 7' TERM; echo up; ${WAITING}`;
      await using killed = await executor.processes.start({ argv: ["sh", "-c", polite], ...options });
      await untilLine(killed, "up");
      assert.equal(await killed.kill(), true);
      assert.equal((await killed.closed).exitCode, 7);
      const script = `trap 'stty size; exit' WINCH; echo up; ${WAITING}`;
      await using resized = await executor.processes.start({ argv: ["sh", "-c", script], tty: true, ...options });
      await untilLine(resized, "up");
      await resized.resize({ rows: 31, columns: 91 });
      await untilLine(resized, "31 91");
    },
  },
  {
    direction: "client",
    id: "client.kill-signal",
    sentence:
      "a time limit, and a signal for the whole life of a process, end it by killSignal, so that it can clean up",
    requirements: ["terminate.group", "exit.code"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const argv = ["sh", "-c", `trap 'echo cleaned up; exit 3' TERM; echo up; ${WAITING}`];
      const limits = { cwd, timeoutMs: 500, killSignal: "SIGTERM" } as const;
      await assert.rejects(executor.run(argv, limits), (error) => {
        assert.ok(error instanceof RunInterruptedError);
        assert.deepEqual([error.name, error.isEnded, error.partial.stdout], ["TimeoutError", true, "up\ncleaned up\n"]);
        return true;
      });
      const controller = new AbortController();
      const { signal } = controller;
      await using running = await executor.processes.start({ argv, cwd, signal, killSignal: "SIGTERM" });
      await untilLine(running, "up");
      controller.abort();
      assert.equal((await running.closed).exitCode, 3);
    },
  },
  {
    direction: "client",
    id: "client.terminal-size",
    sentence: "a terminal has the size that is asked for, from the start and when it is resized",
    requirements: ["start.pty"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const sized = await executor.run(["stty", "size"], { cwd, terminal: { rows: 40, columns: 120 } });
      assert.equal(sized.stdout, "40 120\r\n");
      const script = `trap 'stty size; exit' WINCH; echo up; ${WAITING}`;
      await using resized = await executor.processes.start({ argv: ["sh", "-c", script], cwd, tty: true });
      await untilLine(resized, "up");
      await resized.resize({ rows: 50, columns: 99 });
      await untilLine(resized, "50 99");
      assert.equal((await executor.run(["cat"], { cwd, tty: true, input: "typed" })).exitCode, 0);
    },
  },
  {
    direction: "client",
    id: "client.wait-for-exit",
    sentence: "waitFor: exit returns with what the command printed, and leaves what it started running",
    requirements: ["exit.code", "output.notices"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const script = "(sleep 1; echo done >left) & echo started";
      const result = await executor.run(["sh", "-c", script], { cwd, waitFor: "exit" });
      assert.deepEqual([result.stdout, result.exitCode], ["started\n", 0]);
      for (let waits = 0; ; waits += 1) {
        const left = await executor.fs.readTextFile(`${cwd}/left`).catch(() => "");
        if (left !== "") break;
        assert.ok(waits < 200, "what the command started did not go on");
        await delay(50);
      }
    },
  },
  {
    direction: "client",
    id: "client.terminate-on-close",
    sentence: "closing the executor ends the processes that ask for it, and no others",
    requirements: ["session.resume", "terminate.group"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using watching = await connect(served.url);
      const cwd = context.folder;
      const alive = async (name: string): Promise<boolean> => {
        const script = 'kill -0 "$(cat "$1")" 2>/dev/null';
        return (await watching.run(["sh", "-c", script, "sh", name], { cwd })).exitCode === 0;
      };
      {
        await using executor = await connect(served.url, { terminateOnClose: true });
        const start = async (name: string, terminateOnClose?: false): Promise<void> => {
          const argv = ["sh", "-c", `echo $$ >${name}; echo up; exec sleep 60`];
          const running = await executor.processes.start({ argv, cwd, terminateOnClose });
          await untilLine(running, "up");
        };
        await start("ended");
        await start("kept", false);
        assert.deepEqual([await alive("ended"), await alive("kept")], [true, true]);
      }
      assert.deepEqual([await alive("ended"), await alive("kept")], [false, true]);
      await watching.run(["sh", "-c", 'kill -9 "$(cat kept)"'], { cwd });
    },
  },
  {
    direction: "client",
    id: "client.process-extension",
    sentence: "pid, list and user are there, or an UnsupportedError says what the executor lacks",
    requirements: ["start.process-id"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      await using running = await executor.processes.start({ argv: ["sh", "-c", "echo $$; exec sleep 60"], cwd });
      const printed = await running.lines().next();
      if (executor.environment.capabilities.holdfastProcessControl) {
        assert.equal(String(running.pid), printed.value);
        const [listed] = (await executor.processes.list()).filter(({ id }) => id === running.id);
        assert.deepEqual([listed?.pid, listed?.argv[0], listed?.exitCode], [running.pid, "sh", undefined]);
        return;
      }
      assert.equal(running.pid, undefined);
      await assert.rejects(executor.processes.list(), isUnsupported);
      await assert.rejects(executor.run(["true"], { cwd, user: "nobody" }), isUnsupported);
      await using raw = await executor.processes.start({ argv: ["cat"], cwd, pipeStdin: true });
      await assert.rejects(raw.closeStdin(), isUnsupported);
    },
  },
];
