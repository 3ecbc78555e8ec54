import { writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../src/commands.ts";
import { BIN, holdfast, lines, serve } from "./support/cli.ts";

describe("usage errors: one line on stderr and exit 2, or 255 of what ends as a command does", () => {
  test.each([
    [[]],
    [["nosuch"]],
    [["--nosuch"]],
    [["constructor"]],
    [["exec"]],
    [["exec", "ls"]],
    [["exec", "--"]],
    [["exec", "--nosuch", "--", "ls"]],
    [["exec", "--url"]],
    [["exec", "--url", "--", "ls"]],
    [["exec", "--url", "http://127.0.0.1", "--", "ls"]],
    [["exec", "--env", "A", "--", "ls"]],
    [["exec", "--env", "=b", "--", "ls"]],
    [["exec", "--sandbox", "open", "--", "ls"]],
    [["exec", "--stdin", "maybe", "--", "ls"]],
    [["exec", "--tty", "--stdin=file", "--", "ls"]],
    [["exec", "--cwd", "file:///tmp?query", "--", "ls"]],
    [["cp", "a"]],
    [["cp", "a", "remote:b", "c"]],
    [["info", "extra"]],
    [["serve", "extra"]],
    [["serve", "--log-level", "loud"]],
    [["help", "nosuch"]],
  ])("%j", async (args) => {
    const { code, stdout, stderr } = await holdfast(args);
    // What ends with the code of a command has one of its own: 2 could be the command's.
    expect([code, stdout.toString()]).toEqual([args[0] === "exec" ? 255 : 2, ""]);
    expect(lines(stderr)).toEqual([expect.stringMatching(/^holdfast( [a-z]+)?: .+; see holdfast.* --help$/)]);
  });

  test("a bad URL in the environment is told by the variable's name", async () => {
    const { code, stderr } = await holdfast(["info"], { env: { HOLDFAST_URL: "devbox:7070" } });
    expect([code, stderr]).toEqual([2, expect.stringContaining("HOLDFAST_URL must be")]);
  });
});

describe("help", () => {
  test("lists every command", async () => {
    const { code, stdout } = await holdfast(["--help"]);
    expect(code).toBe(0);
    for (const name of Object.keys(COMMANDS)) expect(stdout.toString()).toContain(`\n  ${name} `);
  });

  test.each(Object.keys(COMMANDS))("%s --help names every option", async (name) => {
    const texts = await Promise.all(
      [
        [name, "--help"],
        [name, "-h"],
        ["help", name],
      ].map(async (args) => {
        const { code, stdout, stderr } = await holdfast(args);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        return stdout.toString();
      }),
    );
    expect(new Set(texts).size).toBe(1);
    for (const option of Object.keys(COMMANDS[name]?.options ?? {})) expect(texts[0]).toContain(`--${option}`);
  });

  test.each(["--version", "-V", "version"])("%s prints the release", async (word) => {
    expect((await holdfast([word])).stdout.toString()).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });

  test.each([
    ["exce", "exec"],
    ["serv", "serve"],
    ["attahc", "attach"],
  ])("an unknown command %s is told what was probably meant", async (slip, meant) => {
    const { stderr } = await holdfast([slip]);
    expect(stderr).toBe(`holdfast: unknown command '${slip}', perhaps '${meant}' is meant; see holdfast --help\n`);
  });
});

describe("errors", () => {
  test.runIf(process.platform === "linux").each([
    ["--version", 1],
    ["exec --help", 255],
  ])("output of %s that can not be written is no success: %d", async (words, code) => {
    const script = `"$0" "$1" ${words} >/dev/full`;
    expect((await holdfast(["exec", "--", "sh", "-c", script, process.execPath, BIN])).code).toBe(code);
  });

  test("show a stack only with --debug", async () => {
    const plain = await holdfast(["info", "--url", "ws://127.0.0.1:1"]);
    expect([plain.code, lines(plain.stderr).length]).toEqual([1, 1]);
    const debug = await holdfast(["info", "--debug", "--url", "ws://127.0.0.1:1"]);
    expect(debug.code).toBe(1);
    expect(debug.stderr).toMatch(/\n {4}at .*\n(.*\n)*caused by /);
  });
});

describe("--json", () => {
  test.each([
    [["exec", "--json", "--url", "ws://127.0.0.1:1", "--", "true"], 255, "cannot connect to ws://127.0.0.1:1/"],
    [["exec", "--json", "--", "no-such-program"], 127, "cannot start no-such-program"],
    [["exec", "--json", "--stdin", "maybe", "--", "true"], 255, "--stdin must be one of"],
    [["info", "--json", "--url", "ws://127.0.0.1:1"], 1, "cannot connect to ws://127.0.0.1:1/"],
    [["ps", "--json", "extra"], 2, "unexpected argument 'extra'"],
  ])("tells a failure as one object on stderr: %j", async (args, exitCode, message) => {
    const { code, stdout, stderr } = await holdfast(args);
    expect([code, stdout.length, lines(stderr).length]).toEqual([exitCode, 0, 1]);
    expect(JSON.parse(stderr)).toEqual({
      error: { command: args[0], message: expect.stringContaining(message), exitCode },
    });
  });

  test("behind -- is the command's", async () => {
    const { stdout } = await holdfast(["exec", "--", "echo", "--json"]);
    expect(stdout.toString()).toBe("--json\n");
    const { stderr } = await holdfast(["exec", "--", "no-such-program", "--json"]);
    expect(stderr).toMatch(/^holdfast exec: cannot start/);
  });
});

describe("info", () => {
  test.each(["embedded", "served"])("--json is JSON with what is there: %s", async (where) => {
    await using folder = await tempDir();
    await using server = where === "served" ? await serve({ cwd: folder.path }) : undefined;
    const args = ["info", "--json", ...(server === undefined ? [] : ["--url", server.url])];
    const { code, stdout } = await holdfast(args, { cwd: folder.path });
    expect(code).toBe(0);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      url: server === undefined ? null : `${server.url}/`,
      version: expect.stringMatching(/^\d/),
      platform: expect.any(String),
      shell: { name: expect.any(String), path: expect.any(String) },
      cwd: `file://${folder.path}`,
      sandbox: { usable: expect.any(Boolean) },
      capabilities: { fileWriteStreaming: true },
    });
  });

  test("is readable without --json", async () => {
    const { stdout } = await holdfast(["info"]);
    for (const name of ["executor", "version", "platform", "shell", "folder", "sandbox", "capabilities"]) {
      expect(stdout.toString()).toMatch(new RegExp(`^${name} +\\S`, "m"));
    }
  });
});

describe("doctor", () => {
  test("finds what the executor needs on a machine that has it", async () => {
    const { code, stdout } = await holdfast(["doctor", "--json"]);
    const { ready, checks } = JSON.parse(stdout.toString());
    expect([code, ready]).toEqual([0, true]);
    const needed = checks.filter((check: { needed: boolean }) => check.needed);
    expect(needed.map((check: { name: string }) => check.name)).toEqual([
      "node",
      "platform",
      "temporary folder",
      "pipes",
      "terminal",
    ]);
  });

  test("exits with 1 and names the command that mends a needed thing", async () => {
    await using folder = await tempDir();
    // Nothing can make a folder below a file.
    await writeFile(folder.join("file"), "");
    const { code, stdout } = await holdfast(["doctor"], { env: { TMPDIR: folder.join("file", "tmp") } });
    expect(code).toBe(1);
    expect(stdout.toString()).toMatch(/missing {2}temporary folder .*\n.*needed: .*\n.*to mend it: export TMPDIR=/);
  });

  test("says how to get bubblewrap where it is not in PATH", async () => {
    const { stdout } = await holdfast(["doctor"], { env: { PATH: "/nonexistent" } });
    if (process.platform === "linux")
      expect(stdout.toString()).toMatch(/missing {2}bubblewrap .*\n.*optional.*\n.*bubblewrap/);
  });
});

describe("demo", () => {
  test("shows the main job and reports on it, without colour where there is no terminal", async () => {
    const { code, stdout, stderr } = await holdfast(["demo"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.toString()).not.toContain("\u001b");
    for (const seen of ["tick 3", "42", "the same bytes", "40 processes at once", "What happened"]) {
      expect(stdout.toString()).toContain(seen);
    }
  });
});

describe("what looks like an option", () => {
  test("after a command without -- gets the advice to put it there", async () => {
    const { code, stderr } = await holdfast(["exec", "--tty", "--cwd", "/", "ls", "-la"]);
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/unknown option '-l'.*'ls' begins the command, put -- before it/),
    ]);
  });

  test("as the value of one is judged as a value", async () => {
    const { code, stderr } = await holdfast(["exec", "--recover-for", "-1", "--", "true"]);
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringMatching(/--recover-for must be a number of seconds .*, not '-1'/)]);
  });
});
