import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, until } from "@holdfast/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closeOnExecFrom } from "../../src/platform/descriptors.ts";
import { pipe, request, sh } from "./recording.ts";

// What this test run inherited from its own parent is not the subject here.
closeOnExecFrom(3);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-pipe-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a process behind pipes", () => {
  test("numbers output, exit and close from 1 without gaps, exit after what was written before it", async () => {
    const run = await pipe(sh("echo out; echo err >&2; exit 3"));
    await run.closed;
    expect(run.text("stdout")).toBe("out\n");
    expect(run.text("stderr")).toBe("err\n");
    expect(run.exitCode).toBe(3);
    expect(run.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(run.order).toBe("output output exited closed");
  });

  test("puts all output before the exit, also a full pipe, over many runs", async () => {
    for (let round = 0; round < 30; round++) {
      const run = await pipe(sh("head -c 200000 /dev/zero; echo last >&2"));
      await run.closed;
      expect(run.text("stdout")).toHaveLength(200_000);
      expect(run.text("stderr")).toBe("last\n");
      expect(run.order).toMatch(/^(output )+exited closed$/);
    }
  });

  test("tells exit, late output and close apart when a descendant keeps the streams", async () => {
    const run = await pipe(sh(`echo early; (while [ ! -e ${folder}/go ]; do :; done; echo late) & exit 4`));
    await run.when(({ exitCode }) => exitCode !== undefined);
    expect(run.order).toBe("output exited");
    writeFileSync(join(folder, "go"), "");
    await run.closed;
    expect(run.order).toBe("output exited output closed");
    expect(run.text()).toBe("early\nlate\n");
    expect(run.exitCode).toBe(4);
  });

  test("announces the exit although a descendant never stops writing", async () => {
    const run = await pipe(sh("yes & exit 5"));
    await run.when(({ exitCode }) => exitCode !== undefined);
    run.process.destroy();
    await run.closed;
    expect(run.exitCode).toBe(5);
  });

  test.each([
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
    ["kill -ABRT $$", 134],
    ["exit 300", 44],
  ])("gives `%s` the exit code %i", async (script, exitCode) => {
    const run = await pipe(sh(script));
    await run.closed;
    expect(run.exitCode).toBe(exitCode);
  });

  test("kills the whole group on terminate and answers false afterwards", async () => {
    const run = await pipe(sh("sleep 600 & echo $!; wait"));
    await run.when(() => run.text().endsWith("\n"));
    const sleeper = Number(run.text());
    expect(run.process.terminate()).toBe(true);
    await run.closed;
    expect(run.exitCode).toBe(137);
    expect(run.process.terminate()).toBe(false);
    await until(() => !isAlive(sleeper));
  });

  test("closes after terminate although someone who left the group holds the streams", async () => {
    const run = await pipe(sh("setsid sleep 600 & echo $!; wait"));
    await run.when(() => run.text().endsWith("\n"));
    run.process.terminate();
    await run.closed;
    expect(run.order).toBe("output exited closed");
    const listed = readFileSync("/proc/self/stat", "utf8");
    expect(listed).not.toBe("");
    // The escaped sleeper is ours to end.
    for (const pid of sleepersOf(Number(run.text()))) process.kill(pid, "SIGKILL");
  });

  test("interrupts every member of the group", async () => {
    const run = await pipe(
      sh(
        "trap 'echo outer; exit 7' INT; sh -c 'trap \"echo inner; exit\" INT; echo ready; while :; do sleep 0.01; done'; exit 1",
      ),
    );
    await run.when(() => run.text().includes("ready"));
    run.process.signal("SIGINT");
    await run.closed;
    expect(run.text()).toContain("inner");
    expect(run.text()).toContain("outer");
    expect(run.exitCode).toBe(7);
  });

  test("gives the child a session and group of its own, default signals and three descriptors only", async () => {
    const run = await pipe(
      sh("cut -d' ' -f1,5,6 /proc/self/stat; ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"),
    );
    await run.closed;
    const [ids = "", ...rest] = run.text().trim().split("\n");
    const [, group, session] = ids.split(" ");
    expect(group).toBe(session);
    expect(rest.filter((line) => /^\d+$/.test(line))).toEqual(["0", "1", "2", "3"]);
    expect(run.text()).toMatch(/SigBlk:\s+0+\nSigIgn:\s+0+/);
  });

  test("gives real pipes: a child can reopen them by name", async () => {
    const run = await pipe(sh("echo one >/dev/stdout; echo two >/dev/stderr"));
    await run.closed;
    expect(run.text("stdout")).toBe("one\n");
    expect(run.text("stderr")).toBe("two\n");
    expect(run.exitCode).toBe(0);
  });

  test("has an empty standard input unless asked for a pipe", async () => {
    const run = await pipe(request(["cat"]));
    await run.closed;
    expect(run.exitCode).toBe(0);
  });

  test("shows the program the argv[0] that was asked for", async () => {
    const run = await pipe(request(["sh", "-c", "echo $0; cat /proc/$$/cmdline"], { arg0: "-other" }));
    await run.closed;
    expect(run.text()).toContain("-other\0-c\0");
  });

  test("looks a bare name up in the child's own PATH", async () => {
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "greet"), "#!/bin/sh\necho hello $1 from $0\n", { mode: 0o755 });
    const run = await pipe(request(["greet", "you"], { env: { PATH: `/nowhere:${folder}/bin` } }));
    await run.closed;
    expect(run.text()).toBe(`hello you from ${folder}/bin/greet\n`);
    const relative = await pipe(request(["greet", "me"], { cwd: Buffer.from(folder), env: { PATH: "bin" } }));
    await relative.closed;
    expect(relative.text()).toBe("hello me from bin/greet\n");
  });

  // The C library would have a shell read them.
  test.each([
    ["text without a first line", "echo hello\n"],
    ["nothing", ""],
    ["bytes", "\0\0\0\0hello"],
  ])("refuses a program that holds %s: the system runs no such thing", async (_, content) => {
    const program = join(folder, "program");
    writeFileSync(program, content, { mode: 0o755 });
    const fault = { name: "SpawnFault", message: "Exec format error (os error 8)", reason: "failed" };
    for (const spawn of [request([program]), request(["program"], { env: { PATH: `/nowhere:${folder}` } })]) {
      await expect((async () => pipe(spawn))()).rejects.toThrow(expect.objectContaining(fault));
    }
  });

  test("hands over exactly the environment it was given", async () => {
    const run = await pipe(request(["/usr/bin/env"], { env: { A: "1", ÜMLAUT: "ü=x\ny" } }));
    await run.closed;
    expect(Buffer.from(run.text(), "latin1").toString()).toBe("A=1\nÜMLAUT=ü=x\ny\n");
  });

  test("starts in a folder whose name is not UTF-8", async () => {
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x0a, 0xfe])]);
    mkdirSync(odd);
    const run = await pipe(request(["pwd"], { cwd: odd }));
    await run.closed;
    expect(Buffer.from(run.text(), "latin1")).toEqual(Buffer.concat([odd, Buffer.from("\n")]));
  });

  test.each([
    ["a missing program", request(["/nowhere/program"]), "No such file or directory (os error 2)"],
    ["a missing bare name", request(["no-such-program"]), "No such file or directory (os error 2)"],
    ["a folder as program", request(["/usr"]), "Permission denied (os error 13)"],
    ["a file without the execute bit", request(["/proc/version"]), "Permission denied (os error 13)"],
    ["a missing folder", request(["true"], { cwd: Buffer.from("/nowhere") }), "No such file or directory (os error 2)"],
    ["a file as folder", request(["true"], { cwd: Buffer.from("/etc/hostname") }), "Not a directory (os error 20)"],
    ["an empty program", request([""]), "missing program for pipe spawn"],
    ["a NUL in an argument", request(["echo", "a\0b"]), "nul byte found in provided data"],
    ["a NUL in the environment", request(["echo"], { env: { A: "a\0b" } }), "nul byte found in provided data"],
    ["an argument too long", request(["echo", "x".repeat(200_000)]), "Argument list too long (os error 7)"],
  ])("refuses %s with the reason", async (_, spawn, message) => {
    await expect(pipe(spawn)).rejects.toThrow(expect.objectContaining({ name: "SpawnFault", message }));
  });

  test("leaks no descriptor, whether starts succeed or fail", async () => {
    const open = () => readFileSync("/proc/self/stat") && descriptors();
    await (await pipe(request(["true"]))).closed;
    const before = open();
    for (let round = 0; round < 20; round++) {
      await (await pipe(sh("echo x"), "pipe")).closed;
      await pipe(request(["/nowhere/program"]), "pipe").catch(() => {});
    }
    await until(() => open() <= before);
  });
});

describe("standard input", () => {
  test("keeps the order of many writes made at once", async () => {
    const run = await pipe(request(["cat"]), "pipe");
    const lines = Array.from({ length: 100 }, (_, index) => `${index}\n`);
    await Promise.all(lines.map((line, index) => run.process.write(String(index), Buffer.from(line))));
    await run.when(() => run.text().endsWith("99\n"));
    expect(run.text()).toBe(lines.join(""));
    run.process.destroy();
    await run.closed;
  });

  test("writes once per id", async () => {
    const run = await pipe(request(["cat"]), "pipe");
    expect(await run.process.write("1", Buffer.from("a"))).toBe("accepted");
    expect(await run.process.write("1", Buffer.from("a"))).toBe("accepted");
    expect(await run.process.write("2", Buffer.from("b\n"))).toBe("accepted");
    await run.when(() => run.text().endsWith("\n"));
    expect(run.text()).toBe("ab\n");
    run.process.destroy();
    await run.closed;
  });

  test("of a bulk gets a wider pipe, of a few bytes the usual one", async () => {
    const sizeOf = async (bytes: number) => {
      // What the pipe holds while nobody reads it.
      const run = await pipe(
        request(["sh", "-c", "exec python3 -c 'import fcntl; print(fcntl.fcntl(0, 1032))'"]),
        "pipe",
      );
      const written = run.process.write("1", Buffer.alloc(bytes));
      await run.closed;
      expect(written).toBe("accepted");
      return Number(run.text());
    };
    expect(await sizeOf(100)).toBe(65_536);
    expect(await sizeOf(1_000_000)).toBe(1_048_576);
  });

  test("of a child that never reads: accepts, then waits, then refuses, and the child can still be ended", async () => {
    const run = await pipe(request(["sleep", "600"]), "pipe", { maxQueuedWrites: 8 });
    // The pipe has room for one of them: most of what waits can not get on before the child is gone.
    const block = Buffer.alloc(1_048_576);
    const outcomes = Array.from({ length: 20 }, (_, index) => run.process.write(String(index), block));
    expect(outcomes.filter((outcome) => outcome === "accepted").length).toBeGreaterThanOrEqual(8);
    expect(outcomes.filter((outcome) => outcome instanceof Promise)).toHaveLength(4);
    expect(outcomes.at(-1)).toEqual({ busy: "4 writes wait already (maxWaitingWrites)" });
    expect(run.process.terminate()).toBe(true);
    const settled = await Promise.all(outcomes);
    expect(settled.slice(0, 8).every((outcome) => outcome === "accepted")).toBe(true);
    expect(settled).toContain("broken");
    await run.closed;
  });

  test("says so when the child has closed it", async () => {
    const run = await pipe(sh("exec 0<&-; echo closed; exec sleep 600"), "pipe");
    await run.when(() => run.text() !== "");
    let number = 0;
    await until(async () => (await run.process.write(String(number++), Buffer.from("x"))) === "broken");
    run.process.destroy();
    await run.closed;
  });
});

function descriptors(): number {
  let count = 0;
  for (let fd = 0; fd < 256; fd++) {
    try {
      readFileSync(`/proc/self/fdinfo/${fd}`);
      count++;
    } catch {
      // Not open.
    }
  }
  return count;
}

/** The process itself and its direct children: `setsid` forks when it leads a group. */
function sleepersOf(pid: number): readonly number[] {
  const children = (() => {
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
    } catch {
      return [];
    }
  })();
  return [pid, ...children].filter(isAlive);
}
