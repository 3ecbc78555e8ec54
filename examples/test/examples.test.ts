import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { probeMachine } from "@holdfast/sandbox";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const HOLDFAST = here("../../packages/cli/bin/holdfast.mjs");

/** A program of ours that runs, and what it has printed so far. */
class Started implements AsyncDisposable {
  readonly child: ChildProcess;
  printed = "";
  readonly #closed: Promise<unknown>;

  constructor(file: string, args: readonly string[], cwd?: string) {
    const { HOLDFAST_URL: _url, CODEX_EXEC_SERVER_URL: _codexUrl, ...env } = process.env;
    this.child = spawn(process.execPath, [file, ...args], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
    this.#closed = once(this.child, "close");
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.printed += text;
    });
  }

  async exitCode(): Promise<number | null> {
    await this.#closed;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    await this.#closed;
  }
}

let server: Started & { readonly url: string };
let url: string;

/** An executor that works in a folder, and its URL. */
async function served(cwd?: string): Promise<Started & { readonly url: string }> {
  const started = new Started(HOLDFAST, ["serve"], cwd);
  const { stdout } = started.child;
  if (stdout === null) throw new Error("stdout is no pipe");
  const [told] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return Object.assign(started, { url: told });
}

beforeAll(async () => {
  server = await served();
  ({ url } = server);
});
afterAll(() => server[Symbol.asyncDispose]());

function start(example: string, ...args: readonly string[]): Started {
  return new Started(here(`../src/${example}.ts`), args);
}

/** Run an example to its end, which has to be a good one. @returns what it printed. */
async function run(example: string, ...args: readonly string[]): Promise<string> {
  await using started = start(example, ...args);
  expect(await started.exitCode()).toBe(0);
  return started.printed;
}

/** A model that makes these calls, turn by turn, and ends. */
async function scriptedModel(turns: readonly (readonly (readonly [name: string, args: object])[])[]) {
  const requests: { readonly input: readonly Record<string, unknown>[] }[] = [];
  const web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const turn = turns[requests.length] ?? [];
      requests.push(JSON.parse(Buffer.concat(chunks).toString()));
      const calls = turn.map(([name, args], index) => {
        return { type: "function_call", call_id: `${requests.length}-${index}`, name, arguments: JSON.stringify(args) };
      });
      const done = { type: "message", role: "assistant", content: [{ type: "output_text", text: "done" }] };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ output: calls.length > 0 ? calls : [done] }));
    });
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return {
    url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/v1`,
    /** What came of the calls, in their order. */
    outputs: () =>
      (requests.at(-1)?.input ?? []).flatMap(({ type, output }) =>
        type === "function_call_output" ? [String(output)] : [],
      ),
    async [Symbol.asyncDispose]() {
      web.closeAllConnections();
      web.close();
      await once(web, "close");
    },
  };
}

describe("the examples print what they promise", () => {
  test("run a command", async () => {
    expect(await run("run-a-command", url)).toMatch(
      /^exit code 0, \d+ entries in \/\nexit code 2: .*\/no\/such\/folder.*\n$/,
    );
  });

  test("stream output", async () => {
    expect(await run("stream-output", url)).toBe("it answered\nexit code 0\n");
  });

  test("copy files", async () => {
    await using folder = await tempDir();
    const content = Buffer.alloc(3_000_000, "holdfast ");
    await writeFile(folder.join("here"), content);
    expect(await run("copy-files", url, folder.join("here"), folder.join("there"), folder.join("back"))).toBe(
      "3000000 bytes there\nand back\n",
    );
    expect((await readFile(folder.join("back"))).equals(content)).toBe(true);
    expect(globSync("*", { cwd: folder.path }).sort()).toEqual(["back", "here"]);
  });

  test("recover from a lost line", async () => {
    await using line = await BadLine.to(url);
    await using started = start("recover-from-a-lost-line", line.url);
    await until(() => started.printed.includes("it counts"));
    line.cut();
    expect(await started.exitCode()).toBe(0);
    expect(started.printed).toBe(
      "it counts\nnow recovering\nnow connected\ncounted 1 2 3 4 5 6 7 8 9 10\nnow closed\n",
    );
  });

  test("HTTP through the executor", async () => {
    const web = createServer(
      (_, response) => void response.setHeader("content-type", "text/plain").end("x".repeat(70_000)),
    );
    web.listen(0, "127.0.0.1");
    await once(web, "listening");
    try {
      const { port } = web.address() as AddressInfo;
      expect(await run("http-through-the-executor", url, `http://127.0.0.1:${port}/`)).toBe(
        "200 text/plain\n70000 bytes\n",
      );
    } finally {
      web.close();
    }
  });

  test("an agent's tool loop", async () => {
    await using folder = await tempDir();
    await using started = start("agent-tool-loop", url, folder.path);
    const code = await started.exitCode();
    const { means } = await probeMachine({ env: process.env, cwd: "/" });
    if (means.kind === "unavailable") return expect(code).not.toBe(0);
    expect(started.printed).toContain("; ls\nexit code 0\nmain.c\n$ cat main.c\nexit code 0\nint main(){return 3;}\n");
    expect(started.printed).toContain("(the sandbox refused write of /etc/holdfast-example)");
  });

  test("an agent on two machines, with an MCP server on each", { timeout: 60_000 }, async () => {
    await using build = await tempDir();
    await using data = await tempDir();
    await using first = await served(build.path);
    await using second = await served(data.path);
    await using model = await scriptedModel([
      [
        ["exec_command", { cmd: "echo made >made.txt; cat made.txt; exit 3", login: false }],
        ["mcp__build_server__get_sum", { a: 2, b: 40 }],
        ["mcp__data_server__write_file", { path: "note.txt", content: "by the server\n" }],
      ],
      [
        ["read_file", { path: "note.txt", environment_id: "data" }],
        ["exec_command", { cmd: "cat note.txt; pwd", login: false, environment_id: "data" }],
      ],
    ]);
    const program = (name: string) => fileURLToPath(import.meta.resolve(`@modelcontextprotocol/${name}/dist/index.js`));
    const servers = [`node ${program("server-everything")} stdio`, `node ${program("server-filesystem")} .`];
    await run("agent-on-two-machines", model.url, first.url, second.url, "do the work", ...servers);
    const { means } = await probeMachine({ env: process.env, cwd: "/" });
    const outputs = model.outputs();
    expect(outputs.slice(1, 3)).toEqual([
      expect.stringContaining("The sum of 2 and 40 is 42"),
      expect.stringContaining("Successfully wrote to note.txt"),
    ]);
    expect(await readFile(data.join("note.txt"), "utf8")).toBe("by the server\n");
    if (means.kind === "unavailable") return;
    expect(outputs[0]).toContain("Process exited with code 3");
    expect(await readFile(build.join("made.txt"), "utf8")).toBe("made\n");
    expect(outputs[3]).toContain("by the server");
    expect(outputs[4]).toContain(data.path);
  });

  test("a development server, forwarded", async () => {
    expect(await run("forwarded-dev-server", url)).toBe("200 hello from there\n");
  });

  test("a folder that is kept like another", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("here"));
    await writeFile(folder.join("here/file"), "x".repeat(1_000));
    await writeFile(folder.join("here/left-out"), "x");
    await writeFile(folder.join("here/.gitignore"), "left-out\n");
    expect(await run("folder-sync", url, folder.join("here"), folder.join("there"))).toBe(
      "first: 0 things were left out\nsecond: 0 things were left out\n",
    );
    expect(globSync("**", { cwd: folder.join("there"), exclude: () => false })).toEqual(
      expect.arrayContaining(["file"]),
    );
    expect(globSync("left-out", { cwd: folder.join("there") })).toEqual([]);
  });

  test("a step of a pipeline, that passes and that fails", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("sources"));
    await writeFile(folder.join("sources/a"), "");
    await using failing = start("ci-step", url, folder.join("sources"), folder.join("report"));
    expect(await failing.exitCode()).toBe(1);
    expect(failing.printed).toBe("failed: exit code 1\n");
    expect(await readFile(folder.join("report"), "utf8")).toMatch(/^files: \d+\n$/);
    await writeFile(folder.join("sources/passes"), "");
    expect(await run("ci-step", url, folder.join("sources"), folder.join("report"))).toBe("passed\n");
  });

  test("tests on an executor in memory", async () => {
    await using tests = new Started(here("../src/in-memory-executor.test.ts"), []);
    expect(await tests.exitCode()).toBe(0);
    expect(tests.printed).toMatch(/pass 1\b/);
  });

  const SERVER = [process.execPath, here("scripted-app-server.ts")] as const;

  test("a turn of an agent", async () => {
    expect(await run("agent-turn", "/srv/repo", "go on", ...SERVER)).toBe(
      "Looking around.\n$ touch new.txt\ndone\n$ rm -rf /\ndone\nit said 15 characters for 42 tokens\n",
    );
  });

  test("a command on a terminal", async () => {
    expect(await run("command-on-a-terminal", ...SERVER)).toBe("24 80\nhello you\n40 120\nexit code 7\n");
  });

  test("approvals of what an agent wants to do", async () => {
    expect(await run("agent-approvals", "/srv/repo", "go on", ...SERVER)).toBe(
      "Looking around.\ncompleted: touch new.txt\ndeclined: rm -rf /\ncompleted: /srv/repo/new.txt\n",
    );
  });

  test("a sandboxed command, or why there is none", async () => {
    await using folder = await tempDir();
    await using started = start("sandboxed-command", url, folder.path);
    const code = await started.exitCode();
    const { means } = await probeMachine({ env: process.env, cwd: "/" });
    if (means.kind === "unavailable") return expect(code).not.toBe(0);
    expect(started.printed).toMatch(
      /^inside: exit code 0, mine\noutside: exit code [1-9]\d*, denied by the sandbox: true\n$/,
    );
  });
});

test("every example is run here, and stands in the list", () => {
  const examples = globSync("*.ts", { cwd: here("../src") }).map((file) => file.replace(/\.ts$/, ""));
  const tests = readFileSync(here("examples.test.ts"), "utf8");
  const list = readFileSync(here("../README.md"), "utf8");
  expect(examples.length).toBeGreaterThan(4);
  for (const example of examples) {
    if (!example.endsWith(".test")) expect(tests).toContain(`"${example}"`);
    expect(list).toContain(`(src/${example}.ts)`);
  }
});
