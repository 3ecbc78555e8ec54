import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, holdfast, serve } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";
import { farBox, WAYS } from "../support/far-box.ts";
import { type McpClient, mcpClient, mcpServe } from "../support/mcp-client.ts";
import { listedProcesses } from "../support/processes.ts";

/** What an agent does to a project: it finds, reads, changes and makes files, and runs commands. */
async function agentTask({ call }: McpClient): Promise<void> {
  expect(await call("list_files", { pattern: "**/*.ts" })).toEqual({ isError: false, text: "src/greet.ts\n" });
  expect(await call("search_files", { pattern: "helo" })).toEqual({
    isError: false,
    text: 'src/greet.ts:1:export const greeting = "helo";\n',
  });
  expect(await call("read_file", { path: "src/greet.ts" })).toEqual({
    isError: false,
    text: 'export const greeting = "helo";\n',
  });
  expect(await call("edit_file", { path: "src/greet.ts", old_text: '"helo"', new_text: '"hello"' })).toMatchObject({
    isError: false,
  });
  expect(await call("write_file", { path: "docs/notes/done.md", content: "# done\n" })).toMatchObject({
    isError: false,
  });
  const patch = [
    "*** Begin Patch",
    "*** Update File: src/greet.ts",
    "@@",
    '-export const greeting = "hello";',
    '+export const greeting = "hello!";',
    "*** End Patch",
    "",
  ];
  expect(await call("apply_patch", { input: patch.join("\n") })).toMatchObject({ isError: false });
  const ran = await call("exec_command", { cmd: "cat src/greet.ts; exit 3", login: false });
  expect(ran).toMatchObject({ isError: false });
  expect(ran.text).toMatch(/Process exited with code 3\n[\s\S]*Output:\nexport const greeting = "hello!";\n$/);
  const typing = { cmd: "read -r line && echo made of $line >made.txt", tty: true, login: false, yield_time_ms: 250 };
  const [, id] = /session ID (\d+)/.exec((await call("exec_command", typing)).text) ?? [];
  const typed = await call("write_stdin", { session_id: Number(id), chars: "words\n", yield_time_ms: 30_000 });
  expect(typed.text).toContain("Process exited with code 0");
}

function makeProject(folder: string): void {
  mkdirSync(`${folder}/src`, { recursive: true });
  writeFileSync(`${folder}/src/greet.ts`, 'export const greeting = "helo";\n');
}

function expectDone(folder: string): void {
  expect(readFileSync(`${folder}/src/greet.ts`, "utf8")).toBe('export const greeting = "hello!";\n');
  expect(readFileSync(`${folder}/docs/notes/done.md`, "utf8")).toBe("# done\n");
  expect(readFileSync(`${folder}/made.txt`, "utf8")).toBe("made of words\n");
}

describe.skipIf(unconfinable !== undefined)(`holdfast mcp serve${skipped}`, () => {
  test("needs nothing but to be started: an agent works in the folder, confined to it", async () => {
    await using project = await ungrantedDir();
    makeProject(project.path);
    await using mcp = await mcpServe([], { cwd: project.path });
    expect(mcp.client.getServerVersion()).toMatchObject({ name: "holdfast", version: expect.any(String) });
    const instructions = mcp.client.getInstructions();
    expect(instructions).toContain(`${project.path} as the working folder`);
    expect(instructions).toContain(`only ${project.path} and the temporary folders may be written`);
    expect(instructions).toContain("there is no network");
    await agentTask(mcp);
    expectDone(project.path);
    const outside = await mcp.call("write_file", { path: `${project.path}-outside`, content: "x" });
    expect(outside).toEqual({ isError: true, text: expect.stringContaining(`in the sandbox, only ${project.path}`) });
    expect(existsSync(`${project.path}-outside`)).toBe(false);
    expect(mcp.stderr()).toBe("");
  });

  test("tells of each tool what it is for, what it takes, and whether it changes anything", async () => {
    await using mcp = await mcpServe();
    const { tools } = await mcp.client.listTools();
    for (const { name, title, description, inputSchema, annotations } of tools) {
      expect({ name, title, description, annotations }).toEqual({
        name: expect.stringMatching(/^[a-z_]+$/),
        title: expect.any(String),
        description: expect.stringMatching(/^.{80,1200} Works on this machine\.$/s),
        annotations: expect.objectContaining({ readOnlyHint: expect.any(Boolean) }),
      });
      for (const property of Object.values(inputSchema.properties ?? {})) {
        expect(property).toHaveProperty("description", expect.stringMatching(/\.$/));
      }
    }
  });

  test("the same work is done on an executor behind a websocket", async () => {
    await using project = await ungrantedDir();
    await using server = await serve();
    makeProject(project.path);
    await using mcp = await mcpServe(["--url", server.url, "--cwd", project.path]);
    expect(mcp.client.getInstructions()).toContain(server.url.replace(/\/$/, ""));
    await agentTask(mcp);
    expectDone(project.path);
  });

  test.each(WAYS)("the same work is done over ssh, by %s", async (way) => {
    await using box = await farBox(way);
    makeProject(box.home("project"));
    await using mcp = await mcpServe(["--url", "ssh://box", "--cwd", "project"], { env: box.env });
    await agentTask(mcp);
    expectDone(box.home("project"));
  });

  test("in a home folder, tools only read, and the client is told how to have more", async () => {
    await using home = await tempDir();
    writeFileSync(home.join("a.txt"), "a\n");
    await using mcp = await mcpServe([], { cwd: home.path, env: { HOME: home.path } });
    const hint = /--cwd/;
    expect(mcp.client.getInstructions()).toMatch(hint);
    expect(await mcp.call("read_file", { path: "a.txt" })).toEqual({ isError: false, text: "a\n" });
    expect(await mcp.call("write_file", { path: "b.txt", content: "b" })).toEqual({
      isError: true,
      text: expect.stringMatching(/in the sandbox, nothing may be written$/),
    });
    expect(mcp.stderr()).toMatch(/^holdfast mcp: .* is the home folder: tools only read\. .*--cwd FOLDER\n$/);
    await using told = await mcpServe(["--sandbox", "workspace-write"], { cwd: home.path, env: { HOME: home.path } });
    expect(await told.call("write_file", { path: "b.txt", content: "b" })).toMatchObject({ isError: false });
  });

  test("what is denied is not even read, and another folder may be opened", async () => {
    await using project = await ungrantedDir();
    await using other = await ungrantedDir();
    writeFileSync(project.join(".env"), "TOKEN=s3cret\n");
    await using mcp = await mcpServe(["--deny", "**/.env", "--writable", other.path], { cwd: project.path });
    expect(await mcp.call("read_file", { path: ".env" })).toMatchObject({ isError: true });
    expect(await mcp.call("search_files", { pattern: "s3cret" })).toMatchObject({
      text: expect.not.stringContaining("TOKEN"),
    });
    expect(await mcp.call("write_file", { path: other.join("x"), content: "x" })).toMatchObject({ isError: false });
  });

  test("none confines nothing", async () => {
    await using project = await ungrantedDir();
    await using outside = await ungrantedDir();
    await using free = await mcpServe(["--sandbox", "none"], { cwd: project.path });
    expect(await free.call("write_file", { path: outside.join("x"), content: "x" })).toMatchObject({ isError: false });
    expect(free.client.getInstructions()).not.toContain("Everything runs in a sandbox");
  });
});

describe("a server of tools", () => {
  test("whose executor is away answers all the same, says why a call can't be made, and finds it when it is there", async () => {
    await using project = await tempDir();
    await using first = await serve();
    const { url } = first;
    await first[Symbol.asyncDispose]();
    await using mcp = await mcpServe(["--url", url, "--cwd", project.path, "--sandbox", "none"]);
    expect((await mcp.client.listTools()).tools.length).toBeGreaterThan(4);
    const away = await mcp.call("list_files");
    expect(away.isError).toBe(true);
    expect(away.text).toContain("is an executor running there?");
    expect(away.text.split("\n").length).toBe(1);
    expect(mcp.stderr()).toContain("the next call of a tool tries again");
    await using _second = await serve({ args: ["--listen", url] });
    expect(await mcp.call("list_files")).toEqual({ isError: false, text: "[the folder is empty]" });
  });

  test("whose executor was started anew uses that", async () => {
    await using project = await tempDir();
    const first = await serve();
    const { url } = first;
    await using mcp = await mcpServe(["--url", url, "--cwd", project.path, "--sandbox", "none"]);
    expect(await mcp.call("list_files")).toMatchObject({ isError: false });
    await first[Symbol.asyncDispose]();
    await using _second = await serve({ args: ["--listen", url] });
    await until(async () => !(await mcp.call("list_files")).isError);
  });

  test("whose working folder is not there says so", async () => {
    await using project = await tempDir();
    await using mcp = await mcpServe(["--cwd", "missing"], { cwd: project.path });
    expect(await mcp.call("list_files")).toEqual({
      isError: true,
      text: `the working folder ${project.join("missing")} is not there on this machine; change --cwd`,
    });
  });

  test("ends with its stdin, exit code 0 and nothing left", async () => {
    await using project = await tempDir();
    await using cli = new Cli(["mcp", "serve"], { cwd: project.path, stdin: "open-pipe" });
    cli.child.stdin?.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "list_files", arguments: {} } })}\n`,
    );
    await until(() => cli.stdout.length > 0);
    cli.child.stdin?.end();
    expect(await cli.result()).toMatchObject({ code: 0, signal: null });
    expect(listedProcesses().filter(({ command }) => command.includes(project.path))).toEqual([]);
  });

  test("ends with SIGTERM as well", async () => {
    await using cli = new Cli(["mcp", "serve"], { stdin: "open-pipe" });
    cli.child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })}\n`);
    await until(() => cli.stdout.length > 0);
    cli.child.kill("SIGTERM");
    expect(await cli.result()).toMatchObject({ code: 0, signal: null });
  });

  test("passes over lines that are no messages, and answers what is no tool", async () => {
    await using cli = new Cli(["mcp", "serve"], { stdin: "open-pipe" });
    cli.child.stdin?.write("garbage\n\n{}\n");
    cli.child.stdin?.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "rm" } })}\n`,
    );
    await until(() => cli.stdout.includes("\n"));
    expect(JSON.parse(cli.stdout.toString())).toMatchObject({
      id: 7,
      error: { code: -32602, message: expect.stringMatching(/^there is no tool "rm", only exec_command, /) },
    });
  });

  test("ends with a message that is longer than any may be, and says so", async () => {
    await using cli = new Cli(["mcp", "serve"], { stdin: "open-pipe" });
    const long = { jsonrpc: "2.0", id: 1, method: "ping", params: { text: "x".repeat(17 * 1_048_576) } };
    cli.child.stdin?.write(JSON.stringify(long));
    const { code, stderr } = await cli.result();
    expect(code).toBe(0);
    expect(stderr).toContain("exceeded maximum size of 16777216 bytes");
  });

  test.each([
    [["serve", "--sandbox", "no"], "--sandbox must be one of read-only, workspace-write, none, not 'no'"],
    [["serve", "--sandbox", "none", "--deny", "x"], "--deny does not go with --sandbox none"],
    [["serve", "--sandbox", "read-only", "--writable", "x"], "--writable does not go with --sandbox read-only"],
    [
      ["serve", "--url", "http://x"],
      "--url must be a ws://, wss://, unix://, ssh:// or relay+https:// URL, not 'http://x'",
    ],
    [["sevre"], "'sevre' is none of"],
    [[], "missing argument ACTION"],
  ])("arguments that are wrong are told in a line: %j", async (args, message) => {
    const { code, stderr } = await holdfast(["mcp", ...args]);
    expect(code).toBe(2);
    expect(stderr.split("\n").length).toBe(2);
    expect(stderr).toContain(message);
  });

  test("a person who starts it at a terminal is told what it waits for", async () => {
    await using mcp = new Cli(["exec", "--tty", "--", process.execPath, BIN, "mcp", "serve"], { stdin: "open-pipe" });
    await until(() => mcp.stdout.toString().includes("waits for an MCP client on stdin"));
  });
});

test("a client of the newest revision of the protocol finds the same tools", async () => {
  const versionNegotiation = { mode: { pin: "2026-07-28" } } as const;
  const server = { command: process.execPath, args: [BIN, "mcp", "serve", "--sandbox", "none"] };
  await using mcp = await mcpClient(server, { versionNegotiation });
  expect((await mcp.client.listTools()).tools.map(({ name }) => name)).toContain("read_file");
  expect(await mcp.call("read_file", { path: "none" })).toMatchObject({ isError: true });
});
