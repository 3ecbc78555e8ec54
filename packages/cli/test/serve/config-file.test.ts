import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holdfast, lines, serve } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";

let folder: TempDir;

beforeAll(async () => {
  folder = await tempDir();
  await writeFile(folder.join("token"), "a-token\n", { mode: 0o600 });
});
afterAll(async () => folder[Symbol.asyncDispose]());

async function check(text: string | Uint8Array, ...more: string[]) {
  await writeFile(folder.join("holdfast.toml"), text);
  return holdfast(["serve", "--check", "--config", "holdfast.toml", ...more], { cwd: folder.path });
}

async function settings(text: string, ...more: string[]) {
  const { code, stdout, stderr } = await check(text, "--json", ...more);
  expect([code, stderr]).toEqual([0, ""]);
  const report = JSON.parse(stdout.toString());
  expect(report).toMatchObject({ ok: true, config: folder.join("holdfast.toml") });
  return new Map<string, { value: unknown; from: unknown }>(
    report.settings.map(({ key, value, from }: { key: string; value: unknown; from: unknown }) => [
      key,
      { value, from },
    ]),
  );
}

const FULL = `# An executor
listen = "ws://127.0.0.1:7070"
session-ttl = 3_600
allow-origin = ["https://app.example"]

[auth]
kind = "capability-token"
token-file = "token"      # beside this file

[spool]
directory = "spool"
limit = "2G"

[log]
level = "info"
format = "json"

[limits]
maxProcesses = 500
maxRetainedBytes = "4M"
`;

describe("serve --check --config", () => {
  test("says of every setting what holds and where it is from", async () => {
    const all = await settings(FULL, "--listen", "ws://127.0.0.1:0");
    const fromFile = (line: number, key: string) => ({ kind: "file", file: "holdfast.toml", line, key });
    expect(all.get("listen")).toEqual({ value: "ws://127.0.0.1:0", from: { kind: "option" } });
    expect(all.get("session-ttl")).toEqual({ value: "3600", from: fromFile(3, "session-ttl") });
    expect(all.get("allow-origin")).toEqual({ value: ["https://app.example"], from: fromFile(4, "allow-origin") });
    expect(all.get("auth.token-file")).toEqual({ value: folder.join("token"), from: fromFile(8, "auth.token-file") });
    expect(all.get("spool.directory")).toEqual({ value: folder.join("spool"), from: fromFile(11, "spool.directory") });
    expect(all.get("log.level")?.value).toBe("info");
    expect(all.get("log.commands")).toEqual({ value: false, from: { kind: "default" } });
    expect(all.get("limits.maxRetainedBytes")).toEqual({ value: "4M", from: fromFile(20, "limits.maxRetainedBytes") });
    expect(all.get("commands.processes")).toEqual({ value: "4096", from: { kind: "default" } });
  });

  test("shows the same as a table", async () => {
    const { code, stdout } = await check(FULL);
    expect(code).toBe(0);
    expect(lines(stdout.toString()).map((line) => line.split(/ {2,}/))).toEqual(
      expect.arrayContaining([
        ["SETTING", "VALUE", "FROM"],
        ["session-ttl", "3600", "holdfast.toml:3"],
        ["log.format", "json", "holdfast.toml:16"],
      ]),
    );
  });

  test("takes dotted keys and tables on one line for what they are", async () => {
    const all = await settings('log.level = "warn"\nspool = { directory = "s", limit = 1048576 }\n');
    expect([all.get("log.level")?.value, all.get("spool.limit")?.value]).toEqual(["warn", "1048576"]);
  });

  test("lets a limit of the options win over the same one of the file, and keeps the others", async () => {
    const all = await settings("[limits]\nmaxProcesses = 5\nmaxLongPolls = 6\n", "--limits", "maxProcesses=7");
    expect(all.get("limits.maxProcesses")).toEqual({ value: "7", from: { kind: "option" } });
    expect(all.get("limits.maxLongPolls")).toMatchObject({ value: "6", from: { line: 3 } });
  });

  test.each([
    ["listen = ", "holdfast.toml:1:10: this is no TOML: "],
    ['listen = "stdio"\nlisten = "stdio"', "holdfast.toml:2:1: this is no TOML: "],
    ["\nlissten = 'stdio'", "holdfast.toml:2: unknown key 'lissten', perhaps 'listen' is meant"],
    ["[auth]\ntoken-flie = 'x'", "holdfast.toml:2: unknown key 'auth.token-flie', perhaps 'auth.token-file' is meant"],
    ["token-file = 'x'", "holdfast.toml:1: unknown key 'token-file', perhaps 'auth.token-file' is meant"],
    ["ws-token-file = 'x'", "holdfast.toml:1: unknown key 'ws-token-file', perhaps 'auth.token-file' is meant"],
    ["[colour]\nof = 'paint'", "holdfast.toml:2: unknown key 'colour.of'"],
    ["[[auth]]\nkind = 'x'", "holdfast.toml:2: unknown key 'auth.0.kind'"],
    ["session-ttl = 'soon'", "session-ttl (holdfast.toml:1) must be a whole number of seconds"],
    ["session-ttl = 1.5", "holdfast.toml:1: session-ttl must be a text or a whole number, not 1.5"],
    [
      "session-ttl = 1979-05-27",
      "holdfast.toml:1: session-ttl must be a text or a whole number, not a table, a date or a time",
    ],
    ["[log]\nlevel = 'loud'", "log.level (holdfast.toml:2) must be one of off, error, warn, info, debug, not 'loud'"],
    ["allow-other-local-users = 'yes'", "holdfast.toml:1: allow-other-local-users must be true or false, not a text"],
    ["allow-origin = 'https://a'", "holdfast.toml:1: allow-origin must be a list of texts, not a text"],
    ["[spool]\ndirectory = 7", "holdfast.toml:2: spool.directory must be a text, not 7"],
    ["[spool]\nlimit = '2G'", "spool.limit (holdfast.toml:2) says how much to spool, but nothing where"],
    ["[limits]\nmaxProceses = 5", "holdfast.toml:2: limits has no 'maxProceses', perhaps 'maxProcesses' is meant"],
    ["[limits]\nmaxProcesses = 0", "holdfast.toml:2: limits.maxProcesses must be "],
    ["[limits]\nmaxProcesses = true", "holdfast.toml:2: limits.maxProcesses must be a whole number"],
    ["[commands]\nmemory = 'all'", "commands.memory (holdfast.toml:2) must be a number of bytes"],
    ["listen = 'ws://0.0.0.0:7070'", "0.0.0.0 can be reached from other machines"],
  ])("refuses %j in one line, with 2, and says where and what", async (text, said) => {
    const { code, stdout, stderr } = await check(text);
    expect([code, stdout.toString(), lines(stderr).length]).toEqual([2, "", 1]);
    expect(stderr).toContain(said);
  });

  test.each([
    [
      "a token that is not there",
      "[auth]\nkind = 'capability-token'\ntoken-file = 'gone'",
      "auth.token-file (holdfast.toml:3)",
    ],
    ["a kind of token without one", "[auth]\nkind = 'capability-token'", "(holdfast.toml:2)"],
    ["a spool in a file", "spool.directory = 'token/spool'", "spool.directory (holdfast.toml:1)"],
    ["bytes that are no UTF-8", new Uint8Array([0x61, 0x3d, 0xff]), "--config holdfast.toml can't be read"],
  ])("tells of %s with 1", async (_, text, said) => {
    const { code, stdout, stderr } = await check(text);
    expect([code, stdout.toString(), lines(stderr).length]).toEqual([1, "", 1]);
    expect(stderr).toContain(said);
  });

  test("says as JSON what is wrong, with the same exit code", async () => {
    const { code, stdout } = await check("session-ttl = 'soon'", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      ok: false,
      error: expect.stringContaining("session-ttl (holdfast.toml:1) must be"),
    });
  });

  test("makes nothing and listens nowhere", async () => {
    await settings(FULL.replace('"spool"', '"never-made/spool"'));
    await expect(chmod(folder.join("never-made"), 0o700)).rejects.toThrow("ENOENT");
  });
});

describe("a configuration file", () => {
  test.each([
    ["is not there", async (path: string) => path, "ENOENT"],
    ["is a folder", async (path: string) => mkdir(path), "it is no file"],
    [
      "every user may write",
      async (path: string) => writeFile(path, "").then(() => chmod(path, 0o666)),
      "every user may write it",
    ],
    ["is larger than any", async (path: string) => writeFile(path, "#".repeat(1_048_577)), "more than 1048576 bytes"],
  ])("that %s is refused in one line, with 1", async (what, make, said) => {
    const path = folder.join(`${what.replaceAll(" ", "-")}.toml`);
    await make(path);
    const { code, stdout, stderr } = await holdfast(["serve", "--config", path]);
    expect([code, stdout.toString(), lines(stderr)]).toEqual([1, "", [expect.stringContaining(said)]]);
  });

  test.each([
    [["serve", "--config", ""], "--config must name a file"],
    [["serve", "--json"], "--json is for --check"],
  ])("%j is refused with 2", async (args, said) => {
    const { code, stderr } = await holdfast(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  });
});

test.skipIf(unconfinable !== undefined)(
  `no confined command can write it, though it lies where it may write${skipped}`,
  async () => {
    const config = folder.join("serving.toml");
    await writeFile(config, "session-ttl = 60\n");
    await using server = await serve({ args: ["--config", config] });
    const script = "echo >beside && echo >>serving.toml; mv serving.toml away; rm -f serving.toml";
    const args = [
      "exec",
      "--url",
      server.url,
      "--cwd",
      folder.path,
      "--sandbox",
      "workspace-write",
      "--",
      "sh",
      "-c",
      script,
    ];
    const { code } = await holdfast(args);
    expect(code).not.toBe(0);
    expect(await readFile(folder.join("beside"), "utf8")).toBe("\n");
    expect(await readFile(config, "utf8")).toBe("session-ttl = 60\n");
  },
);
