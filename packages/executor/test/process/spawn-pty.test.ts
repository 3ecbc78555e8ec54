import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closeOnExecFrom } from "../../src/platform/descriptors.ts";
import { PATH, request, sh, terminal } from "./recording.ts";

// What this test run inherited from its own parent is not the subject here.
closeOnExecFrom(3);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-pty-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a process behind a terminal", () => {
  test("merges both streams, owns the terminal of 24 rows and 80 columns, and ends in order", async () => {
    const run = terminal(sh("tty; stty size; echo err >&2; cut -d' ' -f1,5,6,8 /proc/self/stat; exit 3"));
    await run.closed;
    const [tty, size, err, ids = ""] = run.text("pty").split("\r\n");
    expect(tty).toMatch(/^\/dev\/(pts\/\d+|ttys\d+)$/);
    expect([size, err]).toEqual(["24 80", "err"]);
    const [, group, session, foreground] = ids.split(" ");
    expect(group).toBe(session);
    expect(foreground).toBe(session);
    expect(run.exitCode).toBe(3);
    expect(run.order).toMatch(/^(output )+exited closed$/);
  });

  test.runIf(process.platform === "linux")("begins in a folder whose name is no text", async () => {
    const cwd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]);
    mkdirSync(cwd);
    const run = terminal(request(["/bin/sh", "-c", "echo here >made"], { cwd }));
    await run.closed;
    expect([run.text(), run.exitCode]).toEqual(["", 0]);
    expect(readFileSync(Buffer.concat([cwd, Buffer.from("/made")]), "utf8")).toBe("here\n");
  });

  test("adds nothing to the environment", async () => {
    const run = terminal(request(["/usr/bin/env"], { env: { A: "1" } }));
    await run.closed;
    expect(run.text()).toBe("A=1\r\n");
  });

  test("hands the child default signals and three descriptors only", async () => {
    const run = terminal(sh("ls -1 /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"));
    await run.closed;
    expect(
      run
        .text()
        .split("\r\n")
        .filter((line) => /^\d+$/.test(line)),
    ).toEqual(["0", "1", "2", "3"]);
    expect(run.text()).toMatch(/SigBlk:\s+0+\r\nSigIgn:\s+0+/);
  });

  test("echoes what is typed and passes control characters to the foreground job", async () => {
    const run = terminal(sh("trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.01; done"));
    await run.when(() => run.text().includes("ready"));
    await run.process.write("1", Buffer.from("\x03"));
    await run.closed;
    expect(run.text()).toContain("^C");
    expect(run.text()).toContain("caught");
    expect(run.exitCode).toBe(9);
  });

  test("ends a reader by an end-of-transmission character", async () => {
    const run = terminal(request(["cat"]));
    await run.process.write("1", Buffer.from("hello\n"));
    await run.when(() => run.text().includes("hello\r\nhello\r\n"));
    await run.process.write("2", Buffer.from("\x04"));
    await run.closed;
    expect(run.exitCode).toBe(0);
  });

  test("does not hang up on a program that lets go of its terminal", async () => {
    for (let round = 0; round < 10; round++) {
      const run = terminal(sh("exec 3<>/dev/tty; exec <&- >&- 2>&- 3>&-; sleep 0.05; exit 7"));
      await run.closed;
      expect(run.exitCode).toBe(7);
      expect(run.order).toBe("exited closed");
    }
  });

  test("hears a program that lets go of its terminal and comes back", async () => {
    const run = terminal(sh("exec <&- >&- 2>&-; sleep 0.05; echo back >/dev/tty; exit 7"));
    await run.closed;
    expect(run.text()).toBe("back\r\n");
    expect(run.exitCode).toBe(7);
  });

  test("reports a death by signal and a terminated process as exit code 1", async () => {
    const killed = terminal(sh("kill -KILL $$"));
    await killed.closed;
    expect(killed.exitCode).toBe(1);
    const terminated = terminal(request(["sleep", "600"]));
    expect(terminated.process.terminate()).toBe(true);
    await terminated.closed;
    expect(terminated.exitCode).toBe(1);
  });

  test("loses no output while its reader is held back", async () => {
    const run = terminal(sh("seq 1 20000; echo end"));
    let held = 0;
    while (run.exitCode === undefined && held < 1_000) {
      run.process.pauseOutput("line");
      await new Promise<void>((resolve) => setImmediate(resolve));
      run.process.resumeOutput("line");
      held++;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await run.closed;
    const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join("");
    expect(run.text()).toBe(`${expected}end\r\n`);
  });

  test("shows the program the argv[0] that was asked for, with default signals", async () => {
    const run = terminal(
      request(["sh", "-c", "cat /proc/$$/cmdline; grep SigIgn /proc/$$/status; env"], {
        arg0: "other",
        env: { PATH, A: "1" },
      }),
    );
    await run.closed;
    expect(run.text()).toContain("other\0-c\0");
    expect(run.text()).toMatch(/SigIgn:\s+0+\r\n/);
    expect(run.text()).toContain("A=1\r\n");
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
      await expect((async () => terminal(spawn))()).rejects.toThrow(expect.objectContaining(fault));
    }
  });

  test("can be a script with a first line", async () => {
    writeFileSync(join(folder, "script"), "#!/bin/sh\ntest -t 0 && echo hello\n", { mode: 0o755 });
    const run = terminal(request(["script"], { env: { PATH: folder } }));
    await run.closed;
    expect(run.text()).toBe("hello\r\n");
  });

  test("gives a program under another argv[0] the terminal of its session: it can be asked for, and interrupts", async () => {
    const script = 'echo asked >/dev/tty; test "$(ps -o tty= -p $$)" != "?" && echo controlled; exec cat';
    const run = terminal(request(["sh", "-c", script], { arg0: "other" }));
    await run.when(() => run.text().includes("controlled\r\n"));
    expect(run.text()).toContain("asked\r\n");
    await run.process.write("1", Buffer.from("\x03"));
    await run.closed;
    expect(run.exitCode).toBe(1);
  });

  test.each([
    [
      "a missing program, under another argv[0]",
      request(["/nowhere/program"], { arg0: "other" }),
      "No such file or directory (os error 2)",
    ],
    ["a missing program", request(["/nowhere/program"]), "No such file or directory (os error 2)"],
    ["a missing bare name", request(["no-such-program"]), "No such file or directory (os error 2)"],
    ["a folder as program", request(["/usr"]), "Permission denied (os error 13)"],
    ["a file without the execute bit", request(["/proc/version"]), "Permission denied (os error 13)"],
    ["a missing folder", request(["true"], { cwd: Buffer.from("/nowhere") }), "No such file or directory (os error 2)"],
    ["a file as folder", request(["true"], { cwd: Buffer.from("/etc/hostname") }), "Not a directory (os error 20)"],
    ["an empty program", request([""]), "missing program for PTY spawn"],
    ["a NUL in an argument", request(["echo", "a\0b"]), "nul byte found in provided data"],
  ])("refuses %s with the reason", (_, spawn, message) => {
    expect(() => terminal(spawn)).toThrow(expect.objectContaining({ name: "SpawnFault", message }));
  });
});
