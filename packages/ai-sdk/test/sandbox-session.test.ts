import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect, type Executor } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";
import { isAlive, type TempDir, tempDir, until } from "@holdfast/testkit";
import { generateText, isStepCount, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createSandboxSession, type SandboxSessionOptions } from "../src/index.ts";

interface Place extends AsyncDisposable {
  readonly folder: TempDir;
  readonly executor: Executor;
  readonly session: ReturnType<typeof createSandboxSession>;
}

/** A session on a real executor inside this process, in a folder of its own. */
async function place(options: SandboxSessionOptions = { sandbox: "none" }): Promise<Place> {
  const folder = await tempDir();
  const [near, far] = memoryLink();
  const embedded = createExecutor({ env: process.env, cwd: folder.path, version: "0.0.0" });
  embedded.accept(far);
  const executor = await connect(near);
  return {
    folder,
    executor,
    session: createSandboxSession(executor, options),
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await embedded.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

describe("commands", () => {
  test("run by a shell, in the folder of the session", async () => {
    await using at = await place();
    expect(await at.session.run({ command: "pwd; echo no >&2; exit 3" })).toEqual({
      exitCode: 3,
      stdout: `${at.folder.path}\n`,
      stderr: "no\n",
    });
    await mkdir(at.folder.join("sub"));
    const { stdout } = await at.session.run({ command: 'pwd; echo "$A"', workingDirectory: "sub", env: { A: "b c" } });
    expect(stdout).toBe(`${at.folder.join("sub")}\nb c\n`);
  });

  test("one that is aborted is killed, and rejects with the reason", async () => {
    await using at = await place();
    const controller = new AbortController();
    const reason = new Error("enough");
    const running = at.session.run({ command: "echo $$ >pid; exec sleep 600", abortSignal: controller.signal });
    const failed = running.then(
      () => undefined,
      (error: unknown) => error,
    );
    const pid = await until(async () => Number(await readFile(at.folder.join("pid"), "utf8").catch(() => "")) || false);
    controller.abort(reason);
    expect(await failed).toMatchObject({ name: "AbortError", cause: reason });
    await until(() => !isAlive(pid));
    await expect(at.session.run({ command: "true", abortSignal: controller.signal })).rejects.toBe(reason);
  });

  test("a spawned one streams, takes input with an end, and tells its exit code", async () => {
    await using at = await place();
    const child = await at.session.spawn({ command: "sort; echo done >&2; exit 4", stdin: true });
    const streams = [textOf(child.stdout), textOf(child.stderr)];
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("b\na\n"));
    await writer.close();
    expect(await Promise.all(streams)).toEqual(["a\nb\n", "done\n"]);
    expect(await child.wait()).toEqual({ exitCode: 4 });
    await child.kill();
  });

  test("a spawned one has no input unless asked for, and can be killed twice", async () => {
    await using at = await place();
    await expect((await at.session.spawn({ command: "cat" })).wait()).resolves.toEqual({ exitCode: 0 });
    const child = await at.session.spawn({ command: "sleep 600" });
    expect(child).not.toHaveProperty("stdin");
    expect(child.pid).toBeGreaterThan(1);
    await child.kill();
    await child.kill();
    expect(await child.wait()).toEqual({ exitCode: 137 });
  });

  test("the wait for a spawned one rejects with the reason of its abort", async () => {
    await using at = await place();
    const controller = new AbortController();
    const child = await at.session.spawn({ command: "sleep 600", abortSignal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(child.wait()).rejects.toBe(reason);
  });
});

describe("files", () => {
  test("are written with their folders, whole, from bytes, text and streams", async () => {
    await using at = await place();
    const { session, folder } = at;
    await session.writeTextFile({ path: "a/b/text", content: "é" });
    await session.writeTextFile({ path: "latin", content: "é", encoding: "latin1" });
    await session.writeBinaryFile({ path: folder.join("c/bytes"), content: new Uint8Array([0, 255]) });
    await session.writeFile({ path: "stream", content: new Blob(["a", "b"]).stream() });
    expect(await readFile(folder.join("a/b/text"), "utf8")).toBe("é");
    expect([...(await readFile(folder.join("latin")))]).toEqual([0xe9]);
    expect([...(await readFile(folder.join("c/bytes")))]).toEqual([0, 255]);
    expect(await readFile(folder.join("stream"), "utf8")).toBe("ab");
    await expect(session.writeTextFile({ path: "a/b", content: "x" })).rejects.toThrow();
  });

  test("are read as bytes, text, lines and streams; one that is not there is null", async () => {
    await using at = await place();
    const { session } = at;
    await writeFile(at.folder.join("lines"), "1\n2\n3\n4");
    await writeFile(at.folder.join("latin"), new Uint8Array([0xe9]));
    expect(await session.readTextFile({ path: "lines" })).toBe("1\n2\n3\n4");
    expect(await session.readTextFile({ path: "lines", startLine: 2, endLine: 3 })).toBe("2\n3\n");
    expect(await session.readTextFile({ path: "lines", startLine: 4, endLine: 9 })).toBe("4");
    expect(await session.readTextFile({ path: "latin", encoding: "latin1" })).toBe("é");
    expect(await session.readBinaryFile({ path: "latin" })).toEqual(new Uint8Array([0xe9]));
    const stream = await session.readFile({ path: "lines" });
    expect(stream && (await textOf(stream))).toBe("1\n2\n3\n4");
    for (const read of [
      session.readFile,
      session.readBinaryFile,
      session.readTextFile,
      session.stat,
      session.listDirectory,
    ]) {
      expect(await read({ path: "none" })).toBeNull();
    }
    await expect(session.readTextFile({ path: "lines", startLine: 0 })).rejects.toThrow("startLine must be");
  });

  test("are looked at, listed and deleted, links as what they are", async () => {
    await using at = await place();
    const { session, folder } = at;
    await mkdir(folder.join("sub"));
    await writeFile(folder.join("file"), "four");
    await symlink("file", folder.join("link"));
    await symlink("sub", folder.join("to-sub"));
    expect(await session.stat({ path: "link" })).toEqual({ type: "file", size: 4 });
    expect(await session.stat({ path: "sub" })).toMatchObject({ type: "directory" });
    await symlink("loop", folder.join("loop"));
    await symlink("nowhere", folder.join("nowhere"));
    const list = (await session.listDirectory({ path: "." })) ?? [];
    expect(list.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "file", type: "file" },
      { name: "link", type: "symlink" },
      { name: "loop", type: "symlink" },
      { name: "nowhere", type: "symlink" },
      { name: "sub", type: "directory" },
      { name: "to-sub", type: "symlink" },
    ]);
    await expect(session.listDirectory({ path: "file" })).rejects.toThrow();
    expect(await session.deleteFile({ path: "link" })).toBe(true);
    await symlink("nowhere", folder.join("dangling"));
    expect(await session.deleteFile({ path: "dangling" })).toBe(true);
    expect(await session.deleteFile({ path: "link" })).toBe(false);
    expect(await readFile(folder.join("file"), "utf8")).toBe("four");
    await expect(session.deleteFile({ path: "sub" })).rejects.toThrow();
    expect(await session.stat({ path: "sub" })).toMatchObject({ type: "directory" });
  });

  test("one that is gone while its folder is listed is left out, and the folder is there", async () => {
    await using at = await place();
    await writeFile(at.folder.join("stays"), "");
    await writeFile(at.folder.join("goes"), "");
    const { fs } = at.executor;
    const readDirectory: typeof fs.readDirectory = async (path, options) => {
      const entries = await fs.readDirectory(path, options);
      await rm(at.folder.join("goes"));
      return entries;
    };
    const get = (of: typeof fs, name: keyof typeof fs) =>
      name === "readDirectory" ? readDirectory : (of[name] as () => unknown).bind(of);
    const executor = new Proxy(at.executor, {
      get: (of, name: keyof Executor) => (name === "fs" ? new Proxy(fs, { get }) : of[name]),
    } as ProxyHandler<Executor>);
    const session = createSandboxSession(executor, { sandbox: "none" });
    expect(await session.listDirectory({ path: "." })).toEqual([{ name: "stays", type: "file" }]);
  });
});

test("a session says what it is, and is confined unless it is told otherwise", async () => {
  await using at = await place({});
  expect(at.session.description).toBe(
    `System: linux. Shell: ${at.executor.environment.shell.name}. Commands and relative paths start at ${at.folder.path}. ` +
      "Files may be written below that folder and in temporary folders only, and there is no network.",
  );
  expect(createSandboxSession(at.executor, { description: "mine" }).description).toBe("mine");
  expect(() => createSandboxSession(at.executor, { cwd: "relative" })).toThrow("cwd must be absolute");
  expect(() => createSandboxSession(at.executor, { sandbox: "some" as "none" })).toThrow("no such word");
});

test("a model's tool works in it", async () => {
  await using at = await place();
  const steps = [
    [
      {
        type: "tool-call",
        toolCallId: "1",
        toolName: "shell",
        input: JSON.stringify({ command: "echo mine >note; cat note" }),
      },
    ],
    [{ type: "text", text: "It says mine." }],
  ] as const;
  let step = 0;
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
  const model = new MockLanguageModelV4({
    doGenerate: async () => {
      const content = steps[step++] ?? [];
      const unified = step === 1 ? "tool-calls" : "stop";
      return { content: [...content], finishReason: { unified, raw: undefined }, usage, warnings: [] } as never;
    },
  });
  const shell = tool({
    description: "Run a command.",
    inputSchema: z.object({ command: z.string() }),
    execute: async ({ command }, { experimental_sandbox: sandbox }) => await sandbox?.run({ command }),
  });
  const { text, steps: taken } = await generateText({
    model,
    tools: { shell },
    prompt: "What does the note say?",
    stopWhen: isStepCount(2),
    experimental_sandbox: at.session,
  });
  expect(text).toBe("It says mine.");
  expect(taken[0]?.toolResults[0]?.output).toEqual({ exitCode: 0, stdout: "mine\n", stderr: "" });
});
