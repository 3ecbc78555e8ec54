import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";
import { farBox, WAYS } from "../support/far-box.ts";
import { type McpAnswer, mcpServe } from "../support/mcp-client.ts";
import { childrenOf } from "../support/processes.ts";

const ONCE = "Run it once without the sandbox";
const NOT = "Do not run it";

function sessionOf({ text }: McpAnswer): number {
  const [, id] = /session ID (\d+)/.exec(text) ?? [];
  expect(id).toBeDefined();
  return Number(id);
}

/** What a command printed. */
function outputOf({ text }: McpAnswer): string {
  return text.slice(text.indexOf("Output:\n") + "Output:\n".length);
}

describe.skipIf(unconfinable !== undefined)(`commands of an MCP client${skipped}`, () => {
  test("run in a sandbox, out of which only its user lets them", async () => {
    await using project = await ungrantedDir();
    await using outside = await ungrantedDir();
    const asked: string[] = [];
    const answers = [ONCE, NOT, undefined];
    const user = (message: string): string | undefined => {
      asked.push(message);
      return answers[asked.length - 1];
    };
    await using mcp = await mcpServe([], { cwd: project.path }, { user });
    const touch = (name: string) => ({ cmd: `touch ${outside.join(name)} && echo done`, login: false });
    expect(outputOf(await mcp.call("exec_command", touch("a")))).toMatch(
      /Read-only file system\n\n\[the sandbox has probably refused it something; .*require_escalated/,
    );
    const escalated = { sandbox_permissions: "require_escalated", justification: "It belongs there." };
    expect(outputOf(await mcp.call("exec_command", { ...touch("b"), ...escalated }))).toBe("done\n");
    expect(asked).toEqual([
      [
        `A command wants to run without a sandbox, on this machine in ${project.path}:`,
        "",
        `touch ${outside.join("b")} && echo done`,
        "",
        "Why: It belongs there.",
      ].join("\n"),
    ]);
    expect(await mcp.call("exec_command", { ...touch("c"), ...escalated })).toMatchObject({ isError: true });
    expect(await mcp.call("exec_command", { ...touch("d"), ...escalated })).toMatchObject({ isError: true });
    const long = { cmd: `true ${"x".repeat(10_000)}`, ...escalated };
    expect(await mcp.call("exec_command", long)).toMatchObject({ isError: true });
    expect(asked.length).toBe(3);
    expect(["a", "b", "c", "d"].map((name) => existsSync(outside.join(name)))).toEqual([false, true, false, false]);
  });

  test("that the sandbox refused something may run again, with --ask on-failure", async () => {
    await using project = await ungrantedDir();
    await using outside = await ungrantedDir();
    const asked: string[] = [];
    const user = (message: string): string => {
      asked.push(message);
      return ONCE;
    };
    await using mcp = await mcpServe(["--ask", "on-failure"], { cwd: project.path }, { user });
    const cmd = `echo x >${outside.join("x")} && echo done`;
    expect(outputOf(await mcp.call("exec_command", { cmd, login: false }))).toBe("done\n");
    expect(asked).toEqual([expect.stringMatching(/^A command has failed in its sandbox, and may run again without/)]);
  });

  test("never run without it where the client has no way to ask, or is not to", async () => {
    await using project = await ungrantedDir();
    const escalated = { cmd: "true", sandbox_permissions: "require_escalated" };
    const refused = { isError: true, text: expect.stringContaining("approval policy is Never") };
    await using silent = await mcpServe([], { cwd: project.path });
    expect(await silent.call("exec_command", escalated)).toEqual(refused);
    expect(await silent.call("exec_command", { cmd: "touch /usr/x", login: false })).toEqual({
      isError: false,
      text: expect.stringMatching(/the user can allow more .* by --writable, --network or --sandbox\]$/),
    });
    const schemaOf = async ({ client }: typeof silent) =>
      (await client.listTools()).tools.find(({ name }) => name === "exec_command")?.inputSchema.properties;
    expect(await schemaOf(silent)).not.toHaveProperty("sandbox_permissions");
    await using strict = await mcpServe(["--ask", "never"], { cwd: project.path }, { user: () => ONCE });
    expect(await strict.call("exec_command", escalated)).toEqual(refused);
    await using unconfined = await mcpServe(["--sandbox", "none"], { cwd: project.path }, { user: () => ONCE });
    expect(await schemaOf(unconfined)).not.toHaveProperty("sandbox_permissions");
    await using asking = await mcpServe([], { cwd: project.path }, { user: () => ONCE });
    expect(await schemaOf(asking)).toHaveProperty("sandbox_permissions");
  });

  test("have no network but with --network, and can't read what is denied", async () => {
    await using project = await ungrantedDir();
    writeFileSync(project.join("secret"), "s3cret\n");
    const look = { cmd: "wc -l </proc/net/dev; cat secret", login: false };
    await using closed = await mcpServe(["--deny", "secret"], { cwd: project.path });
    const [devices, denied] = outputOf(await closed.call("exec_command", look)).split("\n");
    // Two lines of heading, and the loopback of its own.
    expect(Number(devices)).toBe(3);
    expect(denied).toContain("Permission denied");
    await using open = await mcpServe(["--network"], { cwd: project.path });
    expect(open.client.getInstructions()).not.toContain("there is no network");
    const here = readFileSync("/proc/net/dev", "utf8").split("\n").length - 1;
    expect(outputOf(await open.call("exec_command", look))).toBe(`${here}\ns3cret\n`);
  });

  test("of a server that only reads are confined to that, and there are no tools that write", async () => {
    await using project = await ungrantedDir();
    await using mcp = await mcpServe(["--sandbox", "read-only"], { cwd: project.path });
    const names = (await mcp.client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(["exec_command", "write_stdin", "read_file", "list_files", "search_files"]);
    expect(outputOf(await mcp.call("exec_command", { cmd: "touch x", login: false }))).toContain("Read-only");
  });
});

describe("commands that go on", () => {
  test("end when their client goes", async () => {
    await using project = await tempDir();
    const mcp = await mcpServe(["--sandbox", "none"], { cwd: project.path });
    const cmd = "echo $$ >pid; (setsid sleep 600 & echo $! >left); sleep 600";
    await mcp.call("exec_command", { cmd, login: false, yield_time_ms: 250 });
    const pids = await until(() => {
      if (!existsSync(project.join("left"))) return undefined;
      return ["pid", "left"].map((name) => Number(readFileSync(project.join(name), "utf8")));
    });
    expect(pids.every(isAlive)).toBe(true);
    await mcp[Symbol.asyncDispose]();
    await until(() => !pids.some(isAlive));
  });

  test.each(["on this machine", "elsewhere"])("end when their server is killed, %s", async (where) => {
    await using project = await tempDir();
    await using server = await serve();
    const place = where === "elsewhere" ? ["--url", server.url, "--cwd", project.path, "--recover-for", "1"] : [];
    await using mcp = await mcpServe(["--sandbox", "none", ...place], { cwd: project.path });
    const cmd = "(setsid sleep 600 & echo $! >left); echo $$ >pid; sleep 600";
    await mcp.call("exec_command", { cmd, login: false, yield_time_ms: 250 });
    const pids = await until(() => {
      if (!existsSync(project.join("pid"))) return undefined;
      return ["pid", "left"].map((name) => Number(readFileSync(project.join(name), "utf8")));
    });
    expect(pids.every(isAlive)).toBe(true);
    process.kill(mcp.pid, "SIGKILL");
    await until(() => !pids.some(isAlive), { deadlineMs: 25_000 });
  });

  test("end when the call that started them is given up", async () => {
    await using project = await tempDir();
    await using mcp = await mcpServe(["--sandbox", "none"], { cwd: project.path });
    const controller = new AbortController();
    const args = { cmd: "echo $$ >pid; sleep 600", login: false };
    const call = mcp.client.callTool({ name: "exec_command", arguments: args }, { signal: controller.signal });
    const pid = await until(() => existsSync(project.join("pid")) && Number(readFileSync(project.join("pid"), "utf8")));
    expect(isAlive(pid)).toBe(true);
    controller.abort();
    await expect(call).rejects.toThrow();
    await until(() => !isAlive(pid));
    expect(await mcp.call("list_files")).toEqual({ isError: false, text: "pid\n" });
  });

  test("can be interrupted, and tell how they ended", async () => {
    await using project = await tempDir();
    await using mcp = await mcpServe(["--sandbox", "none"], { cwd: project.path });
    const cmd = "trap 'echo caught; exit 42' INT; echo ready; while :; do sleep 0.05; done";
    const started = await mcp.call("exec_command", { cmd, login: false, yield_time_ms: 1_000 });
    expect(outputOf(started)).toBe("ready\n");
    const ended = await mcp.call("write_stdin", {
      session_id: sessionOf(started),
      chars: "\u0003",
      yield_time_ms: 9_000,
    });
    expect(ended.text).toContain("Process exited with code 42");
    expect(outputOf(ended)).toBe("caught\n");
    expect(await mcp.call("write_stdin", { session_id: sessionOf(started) })).toMatchObject({ isError: true });
  });

  test("wait for a minute at most, however long a model wants to", async () => {
    await using mcp = await mcpServe(["--sandbox", "none"]);
    const { tools } = await mcp.client.listTools();
    const { inputSchema } = tools.find(({ name }) => name === "write_stdin") ?? {};
    expect(inputSchema?.properties).toHaveProperty("yield_time_ms.description", expect.stringContaining("45000"));
  });

  test.each(WAYS.slice(0, 1))("lose nothing when the connection is cut in the middle, by %s", async (way) => {
    await using box = await farBox(way);
    await using mcp = await mcpServe(["--url", "ssh://box", "--sandbox", "none"], { env: box.env });
    const cmd = "for n in 1 2; do echo $n; until [ -e go-$n ]; do sleep 0.02; done; done; echo end";
    const started = await mcp.call("exec_command", { cmd, login: false, yield_time_ms: 1_000 });
    expect(outputOf(started)).toBe("1\n");
    const session_id = sessionOf(started);
    let output = outputOf(started);
    for (const round of [1, 2]) {
      const ssh = await until(() => childrenOf(mcp.pid)[0], { deadlineMs: 20_000 });
      process.kill(-ssh, "SIGKILL");
      await until(() => !isAlive(ssh));
      // One that was on its way when the connection went may have been done or not: it is told, and made again.
      const go = { path: `go-${round}`, content: "" };
      await until(async () => !(await mcp.call("write_file", go)).isError, { deadlineMs: 20_000 });
      const answer = await mcp.call("write_stdin", { session_id });
      output += outputOf(answer);
    }
    expect(output).toBe("1\n2\nend\n");
  });
});
