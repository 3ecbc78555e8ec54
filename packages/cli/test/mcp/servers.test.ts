import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type CliResult, holdfast, lines, serve } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";
import { listedProcesses } from "../support/processes.ts";

const requireOfMcp = createRequire(createRequire(import.meta.url).resolve("@holdfast/mcp/package.json"));

/** The program of a real server from the registry. */
function program(name: string): string {
  return requireOfMcp.resolve(`@modelcontextprotocol/${name}/dist/index.js`);
}

/** A home of Codex with these tables. */
async function codexHome(config: string, environments?: string): Promise<TempDir & { env: Record<string, string> }> {
  const home = await tempDir();
  writeFileSync(home.join("config.toml"), config);
  if (environments !== undefined) writeFileSync(home.join("environments.toml"), environments);
  return { ...home, env: { CODEX_HOME: home.path } };
}

const NODE = JSON.stringify(process.execPath);
const EVERYTHING = `[mcp_servers.everything]\ncommand = ${NODE}\nargs = ["${program("server-everything")}", "stdio"]\n`;

function outputs({ code, stdout, stderr }: CliResult) {
  return { code, stdout: stdout.toString(), stderr };
}

describe("holdfast mcp list", () => {
  test("tells of each server that is configured whether it starts, and why not", async () => {
    await using home = await codexHome(`${EVERYTHING}
[mcp_servers.broken]
command = "sh"
args = ["-c", "echo no way >&2; exit 3"]
[mcp_servers.missing]
command = "holdfast-not-there"
[mcp_servers.off]
command = "x"
enabled = false
`);
    const { code, stdout } = outputs(await holdfast(["mcp", "list"], { env: home.env }));
    expect(code).toBe(1);
    const [heading = "", ...rows] = lines(stdout);
    expect(heading.split(/ +/)).toEqual(["NAME", "ENVIRONMENT", "STATE", "TOOLS", "WHY"]);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ["everything", "local", "ready", expect.stringMatching(/^\d+$/)],
      ["broken", "local", "failed", "the server ended with exit code 3; its last words: no way"],
      ["missing", "local", "failed", expect.stringContaining("there is no such command")],
      ["off", "local", "disabled"],
    ]);
  });

  test("has the tools of each with --tools, and all of it with --json", async () => {
    await using home = await codexHome(EVERYTHING);
    const listed = outputs(await holdfast(["mcp", "list", "--tools"], { env: home.env }));
    expect(listed).toMatchObject({ code: 0, stderr: "" });
    expect(listed.stdout).toMatch(/^ {2}echo +Echoes back/m);
    const { stdout } = outputs(await holdfast(["mcp", "list", "--json"], { env: home.env }));
    const [server] = JSON.parse(stdout).servers;
    expect(server).toMatchObject({
      name: "everything",
      environmentId: "local",
      state: "ready",
      error: null,
      transport: { kind: "stdio", env: [] },
      tools: expect.arrayContaining([expect.objectContaining({ name: "echo" })]),
    });
  });

  test("reads the file of another client with --config, and tells what is wrong in one", async () => {
    await using folder = await tempDir();
    const everything = { command: process.execPath, args: [program("server-everything"), "stdio"] };
    writeFileSync(folder.join(".mcp.json"), JSON.stringify({ mcpServers: { everything } }));
    const listed = outputs(await holdfast(["mcp", "list", "--config", ".mcp.json"], { cwd: folder.path }));
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^everything +local +ready/m) });
    writeFileSync(folder.join("bad.toml"), "[mcp_servers.x]\nurl = 3\n");
    const bad = outputs(await holdfast(["mcp", "list", "--config", "bad.toml"], { cwd: folder.path }));
    expect(bad.code).toBe(1);
    expect(lines(bad.stderr)).toEqual([expect.stringMatching(/^holdfast mcp: .*bad\.toml: .*mcp_servers\.x\.url/)]);
    const missing = outputs(await holdfast(["mcp", "list", "--config", "none.toml"], { cwd: folder.path }));
    expect(lines(missing.stderr)).toEqual([expect.stringMatching(/^holdfast mcp: .*none\.toml can't be read: ENOENT/)]);
    expect(outputs(await holdfast(["mcp", "list"], { env: { CODEX_HOME: folder.path } }))).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });
});

describe("holdfast mcp call", () => {
  test("prints what a tool says, and exits with 1 where it says that it failed", async () => {
    await using home = await codexHome(EVERYTHING);
    const call = async (...words: readonly string[]) =>
      outputs(await holdfast(["mcp", "call", "everything", ...words], { env: home.env }));
    expect(await call("echo", '{"message":"hi"}')).toEqual({ code: 0, stdout: "Echo: hi\n", stderr: "" });
    expect(JSON.parse((await call("echo", '{"message":"hi"}', "--json")).stdout)).toMatchObject({
      content: [{ type: "text", text: "Echo: hi" }],
    });
    expect((await call("get-tiny-image")).stdout).toMatch(/^\[image\/png, \d+ bytes\]$/m);
    expect(await call("nope")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("nope not found"),
    });
    const piped = await holdfast(["mcp", "call", "everything", "echo", "-"], {
      env: home.env,
      stdin: '{"message":"from a pipe"}',
    });
    expect(outputs(piped)).toMatchObject({ code: 0, stdout: "Echo: from a pipe\n" });
  });

  test("says what is wrong with a name or with arguments", async () => {
    await using home = await codexHome(EVERYTHING);
    const call = async (...words: readonly string[]) =>
      outputs(await holdfast(["mcp", "call", ...words], { env: home.env }));
    expect(await call("evrything", "echo")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no MCP server evrything in .*; perhaps everything is meant\n$/),
    });
    expect(await call("everything", "echo", "{")).toMatchObject({ code: 2 });
    expect(await call("everything", "echo", "[]")).toMatchObject({ code: 2 });
    expect(await call("everything")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("missing argument TOOL"),
    });
    expect(await call()).toMatchObject({ code: 2, stderr: expect.stringContaining("missing argument SERVER") });
    expect(await call("a", "b", "{}", "c")).toMatchObject({ code: 2 });
  });

  test("calls a server where its configuration places it, and leaves nothing there", async () => {
    await using server = await serve();
    await using folder = await tempDir();
    writeFileSync(folder.join("note.txt"), "read there\n");
    const entry = program("server-filesystem");
    await using home = await codexHome(
      `[mcp_servers.files]\nenvironment_id = "box"\ncommand = ${NODE}\nargs = ["${entry}", "."]\ncwd = "${folder.path}"\n`,
      `[[environments]]\nid = "box"\nurl = "${server.url}"\n`,
    );
    const args = JSON.stringify({ path: folder.join("note.txt") });
    const result = await holdfast(["mcp", "call", "files", "read_text_file", args], { env: home.env });
    expect(outputs(result)).toEqual({ code: 0, stdout: "read there\n\n", stderr: "" });
    await until(() => !listedProcesses().some(({ command }) => command.includes(entry)));
  });
});

describe("holdfast mcp doctor", () => {
  test("tells what each server needs, and whether serve would work here", { timeout: 60_000 }, async () => {
    await using project = await ungrantedDir();
    await using home = await codexHome(`${EVERYTHING}[mcp_servers.missing]\ncommand = "holdfast-not-there"\n`);
    const { code, stdout } = outputs(await holdfast(["mcp", "doctor"], { cwd: project.path, env: home.env }));
    expect(code).toBe(1);
    const rows = lines(stdout);
    if (unconfinable === undefined) expect(rows[0]).toMatch(/^ok {6}mcp serve {6}on this machine, only /);
    expect(rows).toContainEqual(expect.stringMatching(/^ok +configuration +2 servers in /));
    expect(rows).toContainEqual(expect.stringMatching(/^ok +everything +.* tools, on local$/));
    expect(rows).toContainEqual(expect.stringMatching(/^failed +missing +ENOENT: cannot start holdfast-not-there/));
    const one = await holdfast(["mcp", "doctor", "everything", "--sandbox", "none", "--json"], {
      cwd: project.path,
      env: home.env,
    });
    expect(JSON.parse(one.stdout.toString())).toMatchObject({
      ready: true,
      checks: [
        { name: "mcp serve", detail: "on this machine, not confined" },
        { name: "configuration" },
        { name: "everything" },
      ],
    });
  });

  test("says in a home folder what serve lacks", async () => {
    await using home = await codexHome("");
    const env = { ...home.env, HOME: home.path };
    const { code, stdout } = outputs(await holdfast(["mcp", "doctor"], { cwd: home.path, env }));
    expect(code).toBe(1);
    expect(stdout).toContain("to mend it: ");
  });
});

describe.skipIf(unconfinable !== undefined)(`holdfast mcp serve --environments${skipped}`, () => {
  test("serves every environment, by its id", async () => {
    const { mcpServe } = await import("../support/mcp-client.ts");
    await using server = await serve();
    await using near = await ungrantedDir();
    await using far = await ungrantedDir();
    mkdirSync(far.join("app"));
    await using home = await codexHome("", `[[environments]]\nid = "box"\nurl = "${server.url}"\n`);
    const folder = `box=${far.join("app")}`;
    await using mcp = await mcpServe(["--environments", "--folder", folder], { cwd: near.path, env: home.env });
    const instructions = mcp.client.getInstructions();
    expect(instructions).toContain("- local: this machine (the default)");
    expect(instructions).toContain(`- box: ${server.url}, in ${far.join("app")}`);
    for (const { name, inputSchema } of (await mcp.client.listTools()).tools) {
      if (name === "write_stdin") continue;
      expect(inputSchema.properties).toHaveProperty("environment_id.enum", ["local", "box"]);
    }
    const where = async (environment: object) => {
      const { text } = await mcp.call("exec_command", { cmd: "pwd", login: false, ...environment });
      return text.slice(text.indexOf("Output:\n") + "Output:\n".length);
    };
    expect(await where({})).toBe(`${near.path}\n`);
    expect(await where({ environment_id: "box" })).toBe(`${far.join("app")}\n`);
    const made = { path: "made.txt", content: "x", environment_id: "box" };
    expect(await mcp.call("write_file", made)).toMatchObject({ isError: false });
    expect(await mcp.call("read_file", { path: "made.txt", environment_id: "box" })).toMatchObject({ text: "x" });
    expect(await mcp.call("write_file", { ...made, path: `${far.path}/outside` })).toMatchObject({ isError: true });
    expect(await mcp.call("read_file", { path: "x", environment_id: "none" })).toMatchObject({ isError: true });
  });

  test.each([
    [["--environments", "--url", "ws://127.0.0.1:1"], "--url does not go with --environments"],
    [["--folder", "a=/x"], "--folder goes with --environments"],
    [["--environments", "--folder", "nope=/x"], "there is no environment nope, only local"],
    [["--environments", "--folder", "/x"], "--folder must be ID=PATH"],
  ])("refuses options that do not fit: %j", async (args, message) => {
    await using home = await codexHome("");
    const { code, stderr } = await holdfast(["mcp", "serve", ...args], { env: home.env });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
