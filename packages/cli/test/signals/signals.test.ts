import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, holdfast, lines, serve, testEnvironment } from "../support/cli.ts";

const ENDLESS = ["--", "sh", "-c", "echo $$; exec sleep 600"];
/** As a shell leaves the name of the program that it starts. */
const BY_NOHUP = { _: "/usr/bin/nohup" };

/** Of a shell that has just put an executor into the background, with its URL in a file. */
const HANG_UP_ON_IT = "P=$!; while [ ! -s url ]; do sleep 0.05; done; kill -HUP $P";

/** Starts its words in a terminal, takes that away when they have printed a URL, and waits for them to end in order. */
const HANG_UP_THE_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
while b"ws://" not in seen:
    seen += os.read(terminal, 4096)
os.close(terminal)
sys.exit(0 if os.WIFEXITED(os.waitpid(pid, 0)[1]) else 1)
`;

describe("nohup", () => {
  test("keeps exec and its command from SIGHUP, to the command's own end", async () => {
    await using folder = await tempDir();
    const goOn = folder.join("go-on");
    const script = `echo $$; while [ ! -e ${goOn} ]; do sleep 0.05; done; echo finished`;
    await using cli = new Cli(["exec", "--", "sh", "-c", script], { env: BY_NOHUP });
    await until(() => cli.stdout.length > 0);
    cli.child.kill("SIGHUP");
    await holdfast(["exec", "--", "touch", goOn]);
    const { code, stdout } = await cli.result();
    expect([code, lines(stdout.toString())[1]]).toEqual([0, "finished"]);
  });

  test("is known by the stdin that it leaves in place of a terminal", async () => {
    const unreadable = openSync("/dev/null", "w");
    const child = spawn(process.execPath, [BIN, "exec", "--stdin", "none", ...ENDLESS], {
      env: testEnvironment(),
      stdio: [unreadable, "pipe", "inherit"],
    });
    closeSync(unreadable);
    const [pid] = (await once(createInterface({ input: child.stdout as Readable }), "line")) as [string];
    child.kill("SIGHUP");
    child.kill("SIGTERM");
    expect(await once(child, "close")).toEqual([143, null]);
    await until(() => !isAlive(Number(pid)));
  });

  test("leaves a stdin that gives a command nothing, though nobody may read it", () => {
    const unreadable = openSync("/dev/null", "w");
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "exec", "--", "wc", "-c"], {
      env: testEnvironment(),
      stdio: [unreadable, "pipe", "pipe"],
      encoding: "utf8",
    });
    closeSync(unreadable);
    expect([status, stdout.trim(), stderr]).toEqual([0, "0", ""]);
  });

  test("keeps an executor with a terminal", async () => {
    await using folder = await tempDir();
    const stillThere = '"$0" "$1" exec --url "$(cat url)" -- echo "still there"; kill $P; wait $P';
    const script = `_=/usr/bin/nohup "$0" "$1" serve >url & ${HANG_UP_ON_IT}; ${stillThere}`;
    expect(await inTerminal(script, folder.path)).toContain("still there");
  });
});

describe("SIGHUP", () => {
  test("ends exec and its command where nobody asked for the contrary", async () => {
    await using cli = new Cli(["exec", ...ENDLESS]);
    await until(() => cli.stdout.length > 0);
    cli.child.kill("SIGHUP");
    expect((await cli.result()).code).toBe(129);
    await until(() => !isAlive(Number(cli.stdout)));
  });

  test("means nothing to an executor without a terminal", async () => {
    await using server = await serve();
    server.child.kill("SIGHUP");
    expect((await holdfast(["exec", "--url", server.url, "--", "echo", "on"])).stdout.toString()).toBe("on\n");
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0, signal: null });
  });

  test("has an executor with a terminal and a file of settings read that anew", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("holdfast.toml"), "[log]\nlevel = 'info'\n");
    const isRead = "while ! grep -q anew log; do sleep 0.05; done";
    const script = `"$0" "$1" serve --config holdfast.toml >url 2>log & ${HANG_UP_ON_IT}; ${isRead}; kill $P; wait $P; echo "ended with $?"`;
    expect(await inTerminal(script, folder.path)).toContain("ended with 0");
  });

  test("ends an executor with a file of settings whose terminal is really gone", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("holdfast.toml"), "[log]\nlevel = 'info'\n");
    const words = [process.execPath, BIN, "serve", "--config", folder.join("holdfast.toml")];
    const { status } = spawnSync("python3", ["-c", HANG_UP_THE_TERMINAL, ...words], { env: testEnvironment() });
    expect(status).toBe(0);
  });

  test("ends an executor with a terminal, which is gone then", async () => {
    await using folder = await tempDir();
    const script = `"$0" "$1" serve >url & ${HANG_UP_ON_IT}; wait $P; echo "ended with $?"`;
    expect(await inTerminal(script, folder.path)).toContain("ended with 0");
  });
});

describe("SIGQUIT", () => {
  test("ends exec with 131, and its command", async () => {
    await using cli = new Cli(["exec", ...ENDLESS]);
    await until(() => cli.stdout.length > 0);
    cli.child.kill("SIGQUIT");
    expect((await cli.result()).code).toBe(131);
    await until(() => !isAlive(Number(cli.stdout)));
  });

  test("ends an executor in order", async () => {
    await using server = await serve();
    server.child.kill("SIGQUIT");
    expect(await server.result()).toMatchObject({ code: 0, signal: null });
  });
});

describe("SIGUSR1", () => {
  test("opens no debugger", async () => {
    await using cli = new Cli(["exec", "--", "cat"], { stdin: "open-pipe" });
    const echoed = (word: string) => {
      cli.child.stdin?.write(word);
      return until(() => cli.stdout.includes(word));
    };
    await echoed("before");
    cli.child.kill("SIGUSR1");
    await echoed("after");
    cli.child.stdin?.end();
    expect(await cli.result()).toMatchObject({ code: 0, stderr: "" });
  });
});

/** Run a script in a terminal; `$0` and `$1` are Node and the program. @returns what appeared there. */
async function inTerminal(script: string, cwd: string): Promise<string> {
  const args = ["exec", "--tty", "--cwd", cwd, "--", "sh", "-c", script, process.execPath, BIN];
  return (await holdfast(args)).stdout.toString();
}
