import { randomUUID } from "node:crypto";
import { type FSWatcher, readdirSync, readFileSync, watch } from "node:fs";
import { writeFile } from "node:fs/promises";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, everyByte, holdfast, lines, serve } from "./support/cli.ts";

const FIVE_MB = 5_000_000;

describe("exec: output and exit code", () => {
  test("passes stdout and stderr through byte for byte, five megabytes of every byte value each", async () => {
    await using folder = await tempDir();
    const bytes = everyByte(FIVE_MB);
    await writeFile(folder.join("bytes"), bytes);
    await using cli = new Cli(["exec", "--cwd", folder.path, "--", "sh", "-c", "cat bytes; cat bytes >&2"]);
    const errors: Buffer[] = [];
    cli.child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
    const { code, stdout } = await cli.result();
    expect(code).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
    expect(Buffer.concat(errors).equals(bytes)).toBe(true);
  });

  test.each([
    ["exit 0", 0],
    ["exit 3", 3],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
  ])("exits as the command does: %s", async (script, expected) => {
    const { code, stderr } = await holdfast(["exec", "--", "sh", "-c", script]);
    expect({ code, stderr }).toEqual({ code: expected, stderr: "" });
  });

  test("exits the same when the command's stdin is a pipe", async () => {
    const { code } = await holdfast(["exec", "--", "sh", "-c", "kill -KILL $$"], { stdin: "x" });
    expect(code).toBe(137);
  });

  test("tells in one line, with 127, that a program is missing", async () => {
    const { code, stdout, stderr } = await holdfast(["exec", "--", "no-such-program"]);
    expect(code).toBe(127);
    expect(stdout.length).toBe(0);
    expect(lines(stderr)).toEqual([expect.stringContaining("cannot start no-such-program: No such file or directory")]);
    const piped = await holdfast(["exec", "--", "no-such-program"], { stdin: "x" });
    expect(piped.code).toBe(127);
    expect(lines(piped.stderr)).toEqual([expect.stringContaining("cannot start no-such-program: No such file")]);
  });

  test("runs in --cwd with --env, and passes arguments on as they are", async () => {
    await using folder = await tempDir();
    const script = 'pwd; echo "$A"; printf "%s\\n" "$@"';
    const args = ["exec", "--cwd", folder.path, "--env", "A=b=c d", "--", "sh", "-c", script, "sh", "*", "", "$HOME"];
    const { stdout } = await holdfast(args);
    expect(stdout.toString()).toBe(`${folder.path}\nb=c d\n*\n\n$HOME\n`);
  });

  test("ends with 141 and ends the command when nobody reads its output any more", async () => {
    await using cli = new Cli(["exec", "--", "sh", "-c", "echo $$; exec yes"]);
    await until(() => cli.stdout.length > 0);
    const pid = Number(lines(cli.stdout.toString())[0]);
    cli.child.stdout?.destroy();
    expect((await cli.result()).code).toBe(141);
    await until(() => !isAlive(pid));
  });

  test.runIf(process.platform === "linux")("tells in one line that the output can not be written", async () => {
    const script = '"$0" "$1" exec -- sh -c "echo x; sleep 30" >/dev/full';
    const { code, stderr } = await holdfast(["exec", "--", "sh", "-c", script, process.execPath, BIN]);
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringMatching(/cannot write to stdout: .*ENOSPC/)]);
  });

  test("lets the command wait, and keeps little in memory, while nobody reads its output", {
    timeout: 90_000,
  }, async () => {
    const script = "head -c 400000000 /dev/zero; echo done >&2";
    await using cli = new Cli(["exec", "--", "sh", "-c", script]);
    cli.child.stdout?.pause();
    let former = -1;
    // The command stands still once every buffer on the way is full.
    await until(
      async () => {
        const before = former;
        former = await residentBytes(cli.child.pid ?? 0);
        return before === former;
      },
      { intervalMs: 300, deadlineMs: 60_000 },
    );
    expect(former).toBeLessThan(250_000_000);
    expect(cli.stderr).toBe("");
    let received = 0;
    cli.child.stdout?.removeAllListeners("data");
    cli.child.stdout?.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    cli.child.stdout?.resume();
    expect((await cli.result()).code).toBe(0);
    expect(received).toBe(400_000_000);
  });

  test("refuses to run a command unconfined that was to be confined", async () => {
    const { code, stdout, stderr } = await holdfast(["exec", "--sandbox", "read-only", "--", "echo", "ran"]);
    if (code !== 0) {
      expect({ code, out: stdout.toString() }).toEqual({ code: 255, out: "" });
      expect(lines(stderr)).toEqual([expect.stringContaining("sandbox")]);
      return;
    }
    // An executor that can confine: then it must have done so.
    const write = await holdfast([
      "exec",
      "--sandbox",
      "read-only",
      "--",
      "sh",
      "-c",
      "echo > /tmp/holdfast-must-not-be",
    ]);
    expect(write.code).not.toBe(0);
  });
});

describe("exec: stdin", () => {
  test("gives the command every byte and then the end", async () => {
    const bytes = everyByte(FIVE_MB);
    const { code, stdout } = await holdfast(["exec", "--", "cat"], { stdin: bytes });
    expect(code).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  test.each(["stream", "file"])("ends after two bytes as well: --stdin=%s", async (how) => {
    const { stdout } = await holdfast(["exec", `--stdin=${how}`, "--", "wc", "-c"], { stdin: "hi" });
    expect(stdout.toString().trim()).toBe("2");
  });

  test("--stdin=file gives a regular file, and every byte", async () => {
    const bytes = everyByte(FIVE_MB);
    const script = "test -f /dev/stdin && cat";
    const { code, stdout } = await holdfast(["exec", "--stdin=file", "--", "sh", "-c", script], { stdin: bytes });
    expect(code).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  test.each([
    ["of an empty pipe", { stdin: "" }, []],
    ["of /dev/null", {}, []],
    ["with --stdin=none, whatever there is", { stdin: "hi" }, ["--stdin=none"]],
  ])("is at its end %s", async (_, options, flags) => {
    const { code, stdout } = await holdfast(["exec", ...flags, "--", "wc", "-c"], options);
    expect([code, stdout.toString().trim()]).toEqual([0, "0"]);
  });

  test("flows before its end: a program answers each line as it comes", async () => {
    const script = 'while read line; do echo "got $line"; done; echo end';
    await using cli = new Cli(["exec", "--", "sh", "-c", script], { stdin: "open-pipe" });
    cli.child.stdin?.write("one\n");
    await until(() => cli.stdout.toString() === "got one\n");
    cli.child.stdin?.write("two\n");
    await until(() => cli.stdout.toString() === "got one\ngot two\n");
    cli.child.stdin?.end();
    const { code, stdout } = await cli.result();
    expect([code, stdout.toString()]).toEqual([0, "got one\ngot two\nend\n"]);
  });

  test("does not keep a finished command waiting while the pipe stays open", async () => {
    await using cli = new Cli(["exec", "--", "sh", "-c", "exit 5"], { stdin: "open-pipe" });
    expect((await cli.result()).code).toBe(5);
  });

  test.runIf(process.platform === "linux")("collecting it into a file ends at a signal", async () => {
    const mark = `MARK=${randomUUID()}`;
    const args = ["exec", "--stdin=file", "--env", mark, "--", "cat"];
    await using cli = new Cli(args, { stdin: "open-pipe" });
    cli.child.stdin?.write("some");
    await until(() => processesWith(mark).length > 0);
    cli.child.kill("SIGINT");
    const { code, stdout, stderr } = await cli.result();
    expect([code, stdout.length]).toEqual([130, 0]);
    expect(lines(stderr)).toEqual([expect.stringMatching(/interrupted .*before the command was started/)]);
    await until(() => processesWith(mark).length === 0);
  });

  test.each(["stream", "file"])("is never at a place that has a name: --stdin=%s", async (how) => {
    await using folder = await tempDir();
    const seen: string[] = [];
    using _watching = disposable(watch(folder.path, (_, name) => void seen.push(String(name))));
    const env = { TMPDIR: folder.path, NODE_DISABLE_COMPILE_CACHE: "1" };
    for (const argv of [["cat"], ["true"], ["no-such-program"]]) {
      await holdfast(["exec", `--stdin=${how}`, "--", ...argv], { stdin: everyByte(300_000), env });
    }
    await holdfast(["exec", `--stdin=${how}`, "--cwd", "/no/such/folder", "--", "cat"], { stdin: "hi", env });
    // Changes are told in order: when this one has been, nothing is left untold.
    await writeFile(folder.join("last"), "");
    await until(() => seen.includes("last"));
    expect(seen.filter((name) => name !== "last")).toEqual([]);
  });

  test("ends with the command when it leaves input unread, and so does what writes it", async () => {
    const script = '(yes; echo "$?" >&2) | "$0" "$1" exec -- head -1';
    const { code, stdout, stderr } = await holdfast(["exec", "--", "bash", "-c", script, process.execPath, BIN]);
    expect([code, stdout.toString(), stderr.trim()]).toEqual([0, "y\n", "141"]);
  });

  test("a command that does not read it can still be interrupted", async () => {
    const script = "trap 'exit 6' INT; echo ready; while :; do sleep 0.05; done";
    await using cli = new Cli(["exec", "--", "sh", "-c", script], { stdin: everyByte(2 * FIVE_MB) });
    await until(() => cli.stdout.includes("ready"));
    cli.child.kill("SIGINT");
    expect((await cli.result()).code).toBe(6);
  });
});

describe("exec: terminal", () => {
  test("--tty gives the command a terminal, and the end of stdin as ^D", async () => {
    const { code, stdout } = await holdfast(["exec", "--tty", "--", "sh", "-c", "tty; cat; exit 4"], { stdin: "hi" });
    expect(code).toBe(4);
    expect(stdout.toString()).toMatch(/\/dev\/\S+\r\n/);
    // Once as its echo, once from the command.
    expect(stdout.toString().match(/hi/g)).toHaveLength(2);
  });

  test("hands over keys as they are pressed, and restores the terminal here", async () => {
    const inner = `"$0" "$1" exec --tty -- sh -c 'stty -icanon -echo; echo ready; head -c 3 | od -An -tx1'; stty -a`;
    const args = ["exec", "--tty", "--", "sh", "-c", inner, process.execPath, BIN];
    await using cli = new Cli(args, { stdin: "open-pipe" });
    await until(() => cli.stdout.toString().includes("ready"));
    // No end of a line: a terminal in between that still collects lines would keep these.
    cli.child.stdin?.write("abc");
    const { code, stdout } = await cli.result();
    expect(code).toBe(0);
    expect(stdout.toString()).toContain("61 62 63");
    expect(stdout.toString()).toMatch(/[^-]icanon/);
  });

  test("a typed ^C interrupts what runs in the terminal", async () => {
    await using cli = new Cli(
      ["exec", "--tty", "--", "sh", "-c", "trap 'exit 9' INT; echo ready; while :; do sleep 0.05; done"],
      {
        stdin: "open-pipe",
      },
    );
    await until(() => cli.stdout.toString().includes("ready"));
    cli.child.stdin?.write("\u0003");
    expect((await cli.result()).code).toBe(9);
  });
});

describe("exec: signals", () => {
  const STUBBORN = "trap 'echo caught' INT; echo $$; while :; do sleep 0.05; done";

  test("the first SIGINT interrupts the command, the second kills it", async () => {
    await using cli = new Cli(["exec", "--", "sh", "-c", STUBBORN]);
    await until(() => cli.stdout.toString().includes("\n"));
    cli.child.kill("SIGINT");
    await until(() => cli.stdout.toString().includes("caught"));
    cli.child.kill("SIGINT");
    expect((await cli.result()).code).toBe(137);
  });

  test("a command that SIGINT ends gives its own code", async () => {
    await using cli = new Cli([
      "exec",
      "--",
      "sh",
      "-c",
      "trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done",
    ]);
    await until(() => cli.stdout.toString().includes("ready"));
    cli.child.kill("SIGINT");
    expect((await cli.result()).code).toBe(7);
  });

  test("SIGINT ends the wait for what a command left running, and that as well", async () => {
    const mark = `MARK=${randomUUID()}`;
    await using cli = new Cli([
      "exec",
      "--env",
      mark,
      "--",
      "sh",
      "-c",
      "(trap '' INT; exec sleep 60) & echo $$; exit 4",
    ]);
    await until(() => cli.stdout.includes("\n") && !isAlive(Number(cli.stdout.toString())));
    // Its exit is told a moment after it: an interrupt before that would still be the command's.
    await until(
      () => {
        if (cli.child.exitCode === null) cli.child.kill("SIGINT");
        return cli.child.exitCode !== null;
      },
      { intervalMs: 500 },
    );
    expect((await cli.result()).code).toBe(4);
    if (process.platform === "linux") await until(() => processesWith(mark).length === 0);
  });

  test.each(["embedded", "served"])("SIGTERM ends the command and exits with 143: %s", async (where) => {
    await using server = where === "served" ? await serve() : undefined;
    const flags = server === undefined ? [] : ["--url", server.url];
    await using cli = new Cli(["exec", ...flags, "--", "sh", "-c", STUBBORN]);
    await until(() => cli.stdout.toString().includes("\n"));
    const pid = Number(lines(cli.stdout.toString())[0]);
    cli.child.kill("SIGTERM");
    expect((await cli.result()).code).toBe(143);
    await until(() => !isAlive(pid));
  });
});

describe("exec: on another executor", () => {
  test("runs where --url points to, in that folder, with its environment", async () => {
    await using folder = await tempDir();
    await using server = await serve({ cwd: folder.path, env: { WHERE: "there" } });
    const args = ["exec", "--url", server.url, "--", "sh", "-c", "pwd; echo $WHERE; cat; exit 3"];
    const { code, stdout, stderr } = await holdfast(args, { stdin: "hi" });
    expect({ code, out: stdout.toString(), stderr }).toEqual({ code: 3, out: `${folder.path}\nthere\nhi`, stderr: "" });
  });

  test("takes HOLDFAST_URL, then CODEX_EXEC_SERVER_URL", async () => {
    await using server = await serve({ env: { WHERE: "there" } });
    const args = ["exec", "--", "sh", "-c", "echo $WHERE"];
    const first = await holdfast(args, {
      env: { HOLDFAST_URL: server.url, CODEX_EXEC_SERVER_URL: "ws://127.0.0.1:1" },
    });
    expect(first.stdout.toString()).toBe("there\n");
    const second = await holdfast(args, { env: { CODEX_EXEC_SERVER_URL: server.url } });
    expect(second.stdout.toString()).toBe("there\n");
  });

  test("passes five megabytes through in both directions", async () => {
    await using server = await serve();
    const bytes = everyByte(FIVE_MB);
    const { code, stdout } = await holdfast(["exec", "--url", server.url, "--", "cat"], { stdin: bytes });
    expect(code).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  test("tells in one line that nobody listens there", async () => {
    const { code, stderr } = await holdfast(["exec", "--url", "ws://127.0.0.1:1", "--", "true"]);
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^holdfast exec: cannot connect to .*ECONNREFUSED.*holdfast serve/),
    ]);
  });

  test("tells in one line that the line was lost", async () => {
    await using server = await serve();
    const args = ["exec", "--url", server.url, "--recover-for", "0.2", "--", "sh", "-c", "echo ready; sleep 30"];
    await using cli = new Cli(args);
    await until(() => cli.stdout.toString() === "ready\n");
    server.child.kill("SIGKILL");
    const { code, stderr } = await cli.result();
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringContaining("the connection to the executor is gone")]);
  });
});

async function residentBytes(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/statm`, "utf8");
  return Number(status.split(" ")[1]) * 4096;
}

/** Ids of the processes that have this in their environment. */
function processesWith(variable: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(variable);
    } catch {
      return false;
    }
  });
}

function disposable(watcher: FSWatcher): Disposable {
  return { [Symbol.dispose]: () => watcher.close() };
}
