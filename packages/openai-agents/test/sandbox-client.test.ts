import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { connect, type Executor, type Sandbox } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";
import { isAlive, type TempDir, tempDir, until } from "@holdfast/testkit";
import { Runner } from "@openai/agents";
import {
  type Entry,
  filesystem,
  Manifest,
  SandboxAgent,
  type SandboxClient,
  type SandboxClientCreateArgs,
  type SandboxSession,
  shell,
} from "@openai/agents/sandbox";
import { assistantMessage, functionCall, ScriptedModel } from "@openai/agents/testing";
import { describe, expect, test } from "vitest";
import { HoldfastSandboxClient, type HoldfastSandboxSession } from "../src/index.ts";

interface Machine extends AsyncDisposable {
  readonly folder: TempDir;
  readonly executor: Executor;
}

/** A real executor inside this process. */
async function machine(): Promise<Machine> {
  const folder = await tempDir();
  const [near, far] = memoryLink();
  const embedded = createExecutor({ env: { ...process.env, TMPDIR: folder.path }, cwd: folder.path, version: "0.0.0" });
  embedded.accept(far);
  const executor = await connect(near);
  return {
    folder,
    executor,
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await embedded.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface Place extends Machine {
  readonly session: HoldfastSandboxSession;
  readonly root: string;
}

async function place(
  args: SandboxClientCreateArgs = {},
  options: { readonly sandbox?: Sandbox; readonly root?: string } = { sandbox: "none" },
): Promise<Place> {
  const at = await machine();
  const session = await new HoldfastSandboxClient({ connect: at.executor, ...options }).create(args);
  return {
    ...at,
    session,
    root: session.state.manifest.root,
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await at[Symbol.asyncDispose]();
    },
  };
}

const quick = { login: false } as const;

describe("a workspace", () => {
  test("is a temporary folder, which goes with its session, or one that is named, which stays", async () => {
    await using at = await place();
    expect(at.root.startsWith(at.folder.join("holdfast-agent-"))).toBe(true);
    await writeFile(`${at.root}/file`, "");
    expect(await at.session.running()).toBe(true);
    await at.session.stop();
    expect(await readdir(at.root)).toEqual(["file"]);
    await at.session.close();
    await at.session.delete();
    await expect(stat(at.root)).rejects.toThrow("ENOENT");
    expect([await at.session.running(), at.executor.state]).toEqual([false, "connected"]);

    const client = new HoldfastSandboxClient({ connect: at.executor, root: at.folder.join("mine"), sandbox: "none" });
    for (const [manifest, root] of [
      [new Manifest(), at.folder.join("mine")],
      [new Manifest({ root: at.folder.join("other/place") }), at.folder.join("other/place")],
    ] as const) {
      const session = await client.create(manifest);
      expect((await session.exec({ cmd: "pwd", ...quick })).stdout).toBe(`${root}\n`);
      await session.close();
      expect((await stat(root)).isDirectory()).toBe(true);
    }
  });

  test("holds the entries and the environment of its manifest", async () => {
    await using local = await tempDir();
    await mkdir(local.join("folder/inner"), { recursive: true });
    await writeFile(local.join("folder/inner/tool"), "#!/bin/sh\necho tool\n");
    await chmod(local.join("folder/inner/tool"), 0o755);
    await using at = await place({
      manifest: {
        entries: {
          plain: { type: "file", content: "é", permissions: { owner: 7, group: 0, other: 0 } },
          "deep/bytes": { type: "file", content: new Uint8Array([0, 255]) },
          tree: { type: "dir", children: { a: { type: "dir", children: { b: { type: "file", content: "b" } } } } },
          one: { type: "local_file", src: local.join("folder/inner/tool") },
          all: { type: "local_dir", src: local.join("folder") },
        },
        environment: { A: "b c", LATE: () => Promise.resolve("late") },
      },
    });
    expect(await readFile(`${at.root}/plain`, "utf8")).toBe("é");
    expect((await stat(`${at.root}/plain`)).mode & 0o777).toBe(0o700);
    expect([...(await readFile(`${at.root}/deep/bytes`))]).toEqual([0, 255]);
    expect(await readFile(`${at.root}/tree/a/b`, "utf8")).toBe("b");
    const { stdout } = await at.session.exec({ cmd: './one; all/inner/tool; echo "$A $LATE"', ...quick });
    expect(stdout).toBe("tool\ntool\nb c late\n");

    await at.session.materializeEntry({ path: "more/file", entry: { type: "file", content: "more" } });
    await at.session.applyManifest(
      new Manifest({ entries: { last: { type: "file", content: "" } }, environment: { B: "2" } }),
    );
    expect(Object.keys(at.session.state.manifest.entries)).toEqual(
      expect.arrayContaining(["plain", "more/file", "last"]),
    );
    expect((await at.session.exec({ cmd: 'echo "$A$B"; cat more/file', ...quick })).stdout).toBe("b c2\nmore");

    await symlink("/etc", local.join("folder/link"));
    const entry: Entry = { type: "local_dir", src: local.join("folder") };
    await expect(at.session.materializeEntry({ path: "linked", entry })).rejects.toThrow(
      "links and devices are not taken",
    );
  });

  test("holds a repository at a commit", async () => {
    await using origin = await tempDir();
    const git = async (...args: string[]) => {
      const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
      return (await promisify(execFile)("git", ["-C", origin.path, ...identity, ...args])).stdout;
    };
    await git("init", "-q", "-b", "main");
    await writeFile(origin.join("file"), "one");
    await git("add", ".");
    await git("commit", "-qm", "one");
    await git("tag", "v1");
    await writeFile(origin.join("file"), "two");
    await git("commit", "-qam", "two");
    const repository = (ref?: string): Entry => ({
      type: "git_repo",
      repo: origin.path,
      ...(ref === undefined ? {} : { ref }),
    });
    await using at = await place({ manifest: { entries: { head: repository(), tagged: repository("v1") } } });
    expect(await readFile(`${at.root}/head/file`, "utf8")).toBe("two");
    expect(await readFile(`${at.root}/tagged/file`, "utf8")).toBe("one");
    const missing = at.session.materializeEntry({ path: "none", entry: repository("nowhere") });
    await expect(missing).rejects.toMatchObject({ code: "git_clone_error" });
    const option = at.session.materializeEntry({ path: "none", entry: repository("--upload-pack=x") });
    await expect(option).rejects.toThrow("ref must name a commit");
  });

  test("is refused, and nothing is left of it, where the manifest asks for what is not done", async () => {
    await using at = await machine();
    const client = new HoldfastSandboxClient({ connect: at.executor, sandbox: "none" });
    const refusals: readonly (readonly [SandboxClientCreateArgs, string])[] = [
      [
        { manifest: { entries: { a: { type: "s3_mount", bucket: "b" } } } },
        'entry "a" of type s3_mount is not supported',
      ],
      [{ manifest: { entries: { a: { type: "dir", children: { b: { type: "mount" } } } } } }, "of type mount"],
      [{ manifest: { extraPathGrants: [{ path: "/etc" }] } }, "extraPathGrants is not supported"],
      [{ manifest: { groups: [{ name: "g" }] } }, "groups is not supported"],
      [{ manifest: { entries: { a: { type: "git_repo", repo: "a/b", subpath: "c" } } } }, "subpath of"],
      [{ snapshot: { type: "local" } }, "snapshots are not supported"],
      [{ manifest: { entries: { a: { type: "local_file", src: at.folder.join("missing") } } } }, "ENOENT"],
    ];
    for (const [args, message] of refusals) await expect(client.create(args)).rejects.toThrow(message);
    expect((await readdir(at.folder.path)).filter((name) => name.startsWith("holdfast-agent-"))).toEqual([]);
  });

  test("has a connection of its own where it is told how to connect", async () => {
    await using at = await machine();
    const client = new HoldfastSandboxClient({ connect: () => Promise.resolve(at.executor), sandbox: "none" });
    const session = await client.create();
    await session.close();
    expect(at.executor.state).toBe("closed");
    await expect(stat(session.state.manifest.root)).rejects.toThrow("ENOENT");
  });
});

describe("commands", () => {
  test("run by a shell, below the workspace only", async () => {
    await using at = await place();
    await mkdir(`${at.root}/sub`);
    const result = await at.session.exec({ cmd: "pwd; echo no >&2; exit 3", workdir: "sub", ...quick });
    expect(result).toMatchObject({ exitCode: 3, stdout: `${at.root}/sub\n`, stderr: "no\n" });
    expect(result).not.toHaveProperty("sessionId");
    expect(await at.session.execCommand({ cmd: "echo $0 $-", shell: "/bin/sh", login: true })).toMatch(
      /^Wall time: [\d.]+ seconds\nProcess exited with code 0\nOutput:\n\/bin\/sh/,
    );
    for (const workdir of ["..", "sub/../..", "/etc", `${at.root}-other`]) {
      await expect(at.session.exec({ cmd: "true", workdir })).rejects.toThrow(/escapes? /);
    }
  });

  test("one that runs on is looked at and interrupted by its number", async () => {
    await using at = await place();
    // A shell that is interrupted just when its child has ended by itself goes on: what it becomes does not.
    const cmd = 'echo ready; until test -s go; do sleep 0.01; done; echo "got $(cat go)"; exec sleep 600';
    const { sessionId = 0, output } = await at.session.exec({ cmd, ...quick, yieldTimeMs: 1_500 });
    expect([sessionId, output]).toEqual([1, "ready\n"]);
    await writeFile(`${at.root}/go`, "a");
    expect(await at.session.writeStdin({ sessionId, yieldTimeMs: 1_500 })).toMatch(/session ID 1\nOutput:\ngot a\n$/);
    expect(await at.session.writeStdin({ sessionId, yieldTimeMs: 0 })).toMatch(/Output:\n$/);
    const ended = await at.session.writeStdin({ sessionId, chars: "\u0003", yieldTimeMs: 10_000 });
    expect(ended).toContain("Process exited with code 130\n");
    await expect(at.session.writeStdin({ sessionId })).rejects.toMatchObject({ code: "pty_session_not_found" });
  });

  test("one without a terminal finds its stdin empty, as what looks for a pattern there by default has to", async () => {
    await using at = await place();
    const { exitCode, stdout } = await at.session.exec({
      cmd: "cat; test -p /dev/stdin && echo pipe; echo end",
      ...quick,
    });
    expect([exitCode, stdout]).toEqual([0, "end\n"]);
    const { sessionId = 0 } = await at.session.exec({ cmd: "exec sleep 600", ...quick, yieldTimeMs: 0 });
    await expect(at.session.writeStdin({ sessionId, chars: "y\n" })).rejects.toThrow(
      "start it with tty: true to write",
    );
    const ended = await at.session.writeStdin({ sessionId, chars: "\u0003", yieldTimeMs: 10_000 });
    expect(ended).toContain("Process exited with code 130\n");
  });

  test("one in a terminal sees keys", async () => {
    await using at = await place();
    expect(at.session.supportsPty()).toBe(true);
    const { sessionId = 0 } = await at.session.exec({ cmd: "test -t 0 && cat", tty: true, ...quick, yieldTimeMs: 200 });
    let seen = "";
    await until(async () => {
      seen += await at.session.writeStdin({ sessionId, chars: seen === "" ? "hello\n" : "" });
      return seen.split("hello").length > 2;
    });
    expect(await at.session.writeStdin({ sessionId, chars: "\u0003", yieldTimeMs: 10_000 })).toContain(
      "exited with code",
    );
  });

  test("one whose descendants hold its output open is over with its exit, and they end with the session", async () => {
    await using at = await place();
    const { exitCode, stdout } = await at.session.exec({ cmd: "sleep 600 & echo $!", ...quick });
    expect(exitCode).toBe(0);
    const running = await at.session.exec({ cmd: "echo $$; exec sleep 600", ...quick, yieldTimeMs: 1_500 });
    expect(running.sessionId).toBe(1);
    await at.session.stop();
    await until(() => !isAlive(Number(stdout)) && !isAlive(Number(running.stdout)));
  });

  test("of those that ended unseen the newest are kept", async () => {
    await using at = await place();
    const start = (cmd: string) => at.session.exec({ cmd, ...quick, yieldTimeMs: 0 });
    for (let count = 0; count < 66; count += 1) await start("sleep 0.3; echo over");
    await until(async () => (await at.executor.processes.list()).every(({ isClosed }) => isClosed));
    await start("sleep 600");
    for (const sessionId of [1, 2]) {
      await expect(at.session.writeStdin({ sessionId })).rejects.toMatchObject({ code: "pty_session_not_found" });
    }
    for (const sessionId of [3, 66]) {
      expect(await at.session.writeStdin({ sessionId })).toMatch(/exited with code 0\nOutput:\nover\n$/);
    }
    expect(await at.session.writeStdin({ sessionId: 67, yieldTimeMs: 0 })).toContain("session ID 67\n");
  });

  test("output that is too long for the model keeps its beginning and its end", async () => {
    await using at = await place();
    const { output, originalTokenCount } = await at.session.exec({ cmd: "seq 1 10000", ...quick, maxOutputTokens: 10 });
    expect(output).toMatch(/^1\n2\n[\s\S]*\n\[\d+ tokens truncated\]\n[\s\S]*\n10000\n$/);
    expect(output.length).toBeLessThan(80);
    expect(originalTokenCount).toBe(Math.ceil(48_894 / 4));
    const flood = await at.session.exec({ cmd: "seq 1 400000; echo end", ...quick });
    expect(flood.output).toMatch(/^\[\d+ characters of earlier output were dropped\]\n/);
    expect(flood.output.endsWith("\nend\n")).toBe(true);
    expect(flood.output.length).toBeLessThan(1_100_000);
  });
});

describe("files", () => {
  test("are read, listed and looked for, below the workspace only", async () => {
    const entries: Record<string, Entry> = { "a/b": { type: "file", content: "four" }, z: { type: "dir" } };
    await using at = await place({ manifest: { entries } });
    const { session } = at;
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    expect(text(await session.readFile({ path: "a/b" }))).toBe("four");
    expect(text(await session.readFile({ path: `${at.root}/a/b`, maxBytes: 2 }))).toBe("fo");
    await expect(session.readFile({ path: "none" })).rejects.toMatchObject({ code: "workspace_read_not_found" });
    expect(await session.listDir({ path: "." })).toEqual([
      { name: "a", path: "a", type: "dir" },
      { name: "z", path: "z", type: "dir" },
    ]);
    expect(await session.listDir({ path: "a" })).toEqual([{ name: "b", path: "a/b", type: "file" }]);
    const paths = ["a", "a/b", "a/b/c", "none"];
    expect(await Promise.all(paths.map((path) => session.pathExists(path)))).toEqual([true, true, false, false]);
    expect(await Promise.all(paths.map((path) => session.directoryExists(path)))).toEqual([true, false, false, false]);
    await expect(session.readFile({ path: "../x" })).rejects.toThrow(/escapes? /);
    await expect(session.listDir({ path: "/etc" })).rejects.toThrow(/escapes? /);
    await expect(session.pathExists("a", "somebody")).rejects.toThrow("only commands can run as another user");
  });

  test("are edited by diffs", async () => {
    await using at = await place();
    const editor = at.session.createEditor();
    await editor.createFile({ type: "create_file", path: "new/file", diff: "+one\n+two\n" });
    expect(await readFile(`${at.root}/new/file`, "utf8")).toBe("one\ntwo");
    const diff = "@@\n one\n-two\n+zwei\n";
    await editor.updateFile({ type: "update_file", path: "new/file", diff });
    expect(await readFile(`${at.root}/new/file`, "utf8")).toBe("one\nzwei");
    const misfit = editor.updateFile({ type: "update_file", path: "new/file", diff });
    await expect(misfit).rejects.toMatchObject({ code: "apply_patch_invalid_diff" });
    await editor.updateFile({
      type: "update_file",
      path: "new/file",
      diff: "@@\n-one\n+eins\n zwei\n",
      moveTo: "moved/to",
    });
    expect(await readFile(`${at.root}/moved/to`, "utf8")).toBe("eins\nzwei");
    await expect(stat(`${at.root}/new/file`)).rejects.toThrow("ENOENT");
    await editor.deleteFile({ type: "delete_file", path: "moved/to" });
    const again = editor.deleteFile({ type: "delete_file", path: "moved/to" });
    await expect(again).rejects.toMatchObject({ code: "apply_patch_file_not_found" });
    await writeFile(`${at.root}/binary`, new Uint8Array([255]));
    const binary = editor.updateFile({ type: "update_file", path: "binary", diff });
    await expect(binary).rejects.toMatchObject({ code: "apply_patch_decode_error" });
    await expect(editor.deleteFile({ type: "delete_file", path: "../x" })).rejects.toThrow(/escapes? /);
  });

  test("that are images are shown, others are refused", async () => {
    await using at = await place();
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]);
    await writeFile(`${at.root}/image`, png);
    await writeFile(`${at.root}/text`, "text");
    expect(await at.session.viewImage({ path: "image" })).toEqual({
      type: "image",
      image: { data: png, mediaType: "image/png" },
    });
    await expect(at.session.viewImage({ path: "text" })).rejects.toThrow("unsupported image format");
    await expect(at.session.viewImage({ path: "none" })).rejects.toThrow("not found");
    await expect(at.session.viewImage({ path: "." })).rejects.toThrow("not a file");
  });
});

test("a port of the executor's machine is reached through one here, until the session stops", async () => {
  await using at = await place();
  const server = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const endpoint = await at.session.resolveExposedPort(port);
    expect(await at.session.resolveExposedPort(port)).toEqual(endpoint);
    const url = `http://${endpoint.host}:${endpoint.port}/`;
    const headers = { connection: "close" };
    expect(await (await fetch(url, { headers })).text()).toBe("hello");
    await at.session.stop();
    await expect(fetch(url, { headers })).rejects.toThrow();
  } finally {
    server.close();
  }
});

test("unless told otherwise, what the application laid down for others to obey is not the agent's to change", async () => {
  await using at = await place(
    { manifest: { entries: { ".agents/skills/a": { type: "file", content: "skill" } } } },
    {},
  );
  const inside = await at.session.exec({ cmd: "echo x >inside && cat inside .agents/skills/a", ...quick });
  expect(inside).toMatchObject({ exitCode: 0, stdout: "x\nskill" });
  expect((await at.session.exec({ cmd: "echo x >.agents/skills/a", ...quick })).exitCode).not.toBe(0);
  const editor = at.session.createEditor();
  const diff = "@@\n-skill\n+mine\n";
  await expect(editor.updateFile({ type: "update_file", path: ".agents/skills/a", diff })).rejects.toThrow();
  expect(await readFile(`${at.root}/.agents/skills/a`, "utf8")).toBe("skill");
  await editor.createFile({ type: "create_file", path: "sub/file", diff: "+x\n" });
  expect((await at.session.exec({ cmd: "cat ../sub/file", workdir: "sub", ...quick })).stdout).toBe("x");
});

test("neither the agent nor what is laid down follows a link out of a workspace that is all that may be written", async () => {
  await using outside = await tempDir();
  await using at = await place({}, { sandbox: { write: ["."] } });
  const { session } = at;
  expect((await session.exec({ cmd: `ln -s ${outside.path} link && echo x >file`, ...quick })).exitCode).toBe(0);
  expect((await session.exec({ cmd: "echo x >link/file", ...quick })).exitCode).not.toBe(0);
  const editor = session.createEditor();
  await expect(editor.createFile({ type: "create_file", path: "link/file", diff: "+x\n" })).rejects.toThrow();
  const entry: Entry = { type: "file", content: "x" };
  await expect(session.materializeEntry({ path: "link/file", entry })).rejects.toThrow();
  expect(await readdir(outside.path)).toEqual([]);
  await session.materializeEntry({ path: "sub/file", entry });
  expect(await readFile(`${at.root}/sub/file`, "utf8")).toBe("x");
});

test("an agent runs a command and edits a file in it", async () => {
  await using at = await machine();
  const client: SandboxClient = new HoldfastSandboxClient({ connect: at.executor, root: at.folder.join("work") });
  const operation = { type: "update_file", path: "note", diff: "@@\n-draft\n+final\n" } as const;
  const model = new ScriptedModel([
    [functionCall("exec_command", { cmd: "cat note; echo $WHO", login: false }, { callId: "1" })],
    [{ type: "apply_patch_call", callId: "2", status: "completed", operation }],
    [assistantMessage("The note is final.")],
  ]);
  const agent = new SandboxAgent({
    name: "writer",
    model,
    capabilities: [shell(), filesystem()],
    defaultManifest: { entries: { note: { type: "file", content: "draft\n" } }, environment: { WHO: "me" } },
  });
  const result = await new Runner({ tracingDisabled: true }).run(agent, "Finish the note.", { sandbox: { client } });
  expect(result.finalOutput).toBe("The note is final.");
  model.assertComplete();
  expect(JSON.stringify(model.calls[1]?.request.input)).toContain("Output:\\ndraft\\nme");
  expect(await readFile(at.folder.join("work/note"), "utf8")).toBe("final\n");
  expect(model.calls[0]?.request.systemInstructions).toContain(at.folder.join("work"));
});

test("a session is one of the SDK's", async () => {
  await using at = await place();
  const session: SandboxSession = at.session;
  expect(session.state.workspaceReady).toBe(true);
});
