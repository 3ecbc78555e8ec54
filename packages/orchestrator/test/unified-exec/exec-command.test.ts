import { readdir, writeFile } from "node:fs/promises";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { resultText } from "../../src/index.ts";
import { firstLook } from "./support/first-look.ts";
import { workshop } from "./support/machine.ts";

describe("exec_command", () => {
  test("tells the output and the exit code of a command that ends in time", async () => {
    await using at = await workshop();
    const result = await at.exec.exec({ cmd: "echo hi; exit 3" });
    expect(result).toMatchObject({ exitCode: 3, sessionId: undefined, output: "hi\n", originalTokenCount: 1 });
    expect(resultText(result)).toMatch(
      /^Chunk ID: [0-9a-f]{6}\nWall time: \d+\.\d{4} seconds\nProcess exited with code 3\nOriginal token count: 1\nOutput:\nhi\n$/,
    );
  });

  test("tells a death by signal as 128 and its number", async () => {
    await using at = await workshop();
    expect(await at.exec.exec({ cmd: "kill -9 $$" })).toMatchObject({ exitCode: 137, output: "" });
  });

  test("has both streams in one text, in the order in which they came", async () => {
    await using at = await workshop();
    const step = (name: string) => `until [ -e ${at.folder.join(name)} ]; do sleep 0.02; done`;
    const call = at.exec.exec({ cmd: `echo a; ${step("one")}; echo b >&2; ${step("two")}; echo c` });
    const outputs = () => at.events.filter(({ type }) => type === "output").length;
    for (const [index, name] of ["one", "two"].entries()) {
      await until(() => outputs() > index);
      await at.executor.fs.writeTextFile(at.folder.join(name), "");
    }
    expect((await call).output).toBe("a\nb\nc\n");
  });

  test("gives a command a stdin that is at its end", async () => {
    await using at = await workshop();
    expect(await at.exec.exec({ cmd: "cat; echo done" })).toMatchObject({ exitCode: 0, output: "done\n" });
  });

  test("runs in the folder of the environment, or in one that starts there, or anywhere", async () => {
    await using at = await workshop();
    await at.executor.fs.mkdir(at.folder.join("sub"));
    const pwd = async (workdir?: string) => (await at.exec.exec({ cmd: "pwd", workdir })).output;
    expect(await pwd()).toBe(`${at.folder.path}\n`);
    expect(await pwd("")).toBe(`${at.folder.path}\n`);
    expect(await pwd("sub")).toBe(`${at.folder.join("sub")}\n`);
    expect(await pwd("/usr")).toBe("/usr\n");
  });

  test("takes another shell, and starts it as a login shell unless told otherwise", async () => {
    await using at = await workshop({ settings: { sandbox: "none" } });
    const cmd = "tr '\\0' ' ' </proc/$$/cmdline";
    expect((await at.exec.exec({ cmd, shell: "sh" })).output).toMatch(/^sh -lc tr/);
    expect((await at.exec.exec({ cmd, shell: "/bin/sh", login: false })).output).toMatch(/^\/bin\/sh -c tr/);
    expect((await at.exec.exec({ cmd, login: false })).output).toMatch(
      new RegExp(`^${at.executor.environment.shell.path} -c tr`),
    );
  });

  test("tells of a command that takes longer by a number, and leaves it running", async () => {
    await using at = await workshop({ numbering: "counting" });
    const result = await firstLook(at, { cmd: "echo start; exec sleep 1000" });
    expect(result).toMatchObject({ exitCode: undefined, sessionId: 1_000, output: "start\n" });
    expect(resultText(result)).toContain("\nProcess running with session ID 1000\nOriginal token count: 2\n");
    expect(at.exec.list()).toMatchObject([{ sessionId: 1_000, environmentId: "here", exitCode: undefined }]);
  });

  test("does not wait for what a command leaves in the background", async () => {
    await using at = await workshop();
    const result = await at.exec.exec({ cmd: "sleep 1000 & echo $!", yieldTimeMs: 30_000 });
    expect(result).toMatchObject({ exitCode: 0, sessionId: undefined });
    const pid = Number(result.output);
    expect(isAlive(pid)).toBe(true);
    await at.exec.close();
    // It is found among all processes of the machine, which takes its time on a busy one.
    await until(() => !isAlive(pid), { deadlineMs: 20_000 });
  });

  test("ends all commands when it is closed, and runs no others", async () => {
    await using at = await workshop();
    const { output } = await firstLook(at, { cmd: "echo $$; sleep 1000" });
    await at.exec.close();
    await until(() => !isAlive(Number(output)));
    await expect(at.exec.exec({ cmd: "true" })).rejects.toThrow("commands are not run any more");
    await expect(at.exec.write({ sessionId: 1 })).rejects.toThrow("commands are not run any more");
  });

  test("runs on when its call is given up", async () => {
    await using at = await workshop();
    const controller = new AbortController();
    const cmd = `echo $$ >${at.folder.join("pid")}; exec sleep 1000`;
    const call = at.exec.exec({ cmd }, { signal: controller.signal });
    const [stored] = await until(() => at.exec.list().length > 0 && at.exec.list());
    controller.abort(new Error("the turn was interrupted"));
    await expect(call).rejects.toThrow("the turn was interrupted");
    const pid = await until(async () => Number(await at.executor.fs.readTextFile(at.folder.join("pid"))));
    expect(isAlive(pid)).toBe(true);
    expect(await at.exec.terminate(stored?.sessionId ?? 0)).toBe(true);
    await until(() => !isAlive(pid));
    expect(await at.exec.terminate(stored?.sessionId ?? 0)).toBe(false);
  });

  test("is not started when its call was given up before", async () => {
    await using at = await workshop();
    await expect(at.exec.exec({ cmd: "true" }, { signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow(
      "too late",
    );
    expect(at.events).toEqual([]);
  });

  test("shortens output to the budget, and keeps a MiB of more", async () => {
    await using at = await workshop({ settings: { sandbox: "none", login: false, maxOutputTokens: 300_000 } });
    const short = await at.exec.exec({ cmd: "seq 1 2000", maxOutputTokens: 20 });
    expect(short.output).toContain("Total output lines: 2000\n\n1\n2\n");
    expect(short.originalTokenCount).toBe(2_224);
    const long = await at.exec.exec({
      cmd: "head -c 3000000 /dev/zero | tr '\\0' x | fold -w 99",
      maxOutputTokens: 300_000,
    });
    expect(long.originalTokenCount).toBe(757_576);
    expect(long.output).toContain("\n... 1981727 bytes omitted ...\n");
    expect(long.output).toHaveLength(1_048_576 + "\n... 1981727 bytes omitted ...\n".length);
  });

  test("is not held back by output that nobody sees", async () => {
    await using at = await workshop();
    let { exitCode, originalTokenCount: tokens, sessionId } = await at.exec.exec({ cmd: "head -c 16777216 /dev/zero" });
    while (sessionId !== undefined) {
      const more = await at.exec.write({ sessionId });
      ({ exitCode, sessionId } = more);
      tokens += more.originalTokenCount;
    }
    expect(exitCode).toBe(0);
    // Each look rounds up.
    expect(tokens).toBeGreaterThanOrEqual(4_194_304);
    expect(tokens).toBeLessThan(4_194_304 + 100);
  });

  test.each([
    [
      { workdir: "missing" },
      /^Failed to create unified exec process: ENOENT: cannot start .*: there is no working folder .*\/missing$/,
    ],
    [
      { shell: "/bin/nope" },
      /^Failed to create unified exec process: ENOENT: cannot start \/bin\/nope: there is no such command/,
    ],
    [{ workdir: "a\0b" }, /^workdir: /],
    [{ environmentId: "nope" }, /^unknown turn environment id `nope`$/],
    [{ justification: "why not" }, /^justification is for sandbox_permissions: require_escalated/],
    [
      { sandboxPermissions: "require_escalated" },
      /^approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never$/,
    ],
  ] as const)("%j is refused in words", async (args, message) => {
    await using at = await workshop();
    await expect(at.exec.exec({ cmd: "true", ...args })).rejects.toThrow(message);
    expect(at.exec.list()).toEqual([]);
  });

  test("tells why its environment can not be had", async () => {
    await using at = await workshop({
      environments: () => {
        throw new Error("exec-server connection attempt failed: nobody answers");
      },
    });
    await expect(at.exec.exec({ cmd: "true" })).rejects.toMatchObject({
      code: "environment",
      message: "exec-server connection attempt failed: nobody answers",
    });
  });

  test("that loses its executor has failed, and frees its number", async () => {
    await using at = await workshop();
    const { sessionId = 0 } = await at.exec.exec({ cmd: "sleep 1000", yieldTimeMs: 250 });
    await at.executor.close();
    await expect(at.exec.write({ sessionId })).rejects.toThrow(/^Unified exec process failed: /);
    await expect(at.exec.write({ sessionId })).rejects.toThrow(`write_stdin failed: Unknown process id ${sessionId}`);
  });
});

describe("the variables of a command", () => {
  test("are those of the executor, with what tells programs that a model reads them", async () => {
    await using at = await workshop({
      env: { FROM_EXECUTOR: "1", CODEX_THREAD_ID: "of another agent", LANG: "de_DE.UTF-8" },
      settings: { sandbox: "none", login: false, threadId: "t1", env: { MORE: "2", PAGER: undefined } },
    });
    const { output } = await at.exec.exec({ cmd: "env", maxOutputTokens: 9_000 }, { callId: "call_7" });
    const variables = new Map(
      output.split("\n").map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]),
    );
    const expected = {
      FROM_EXECUTOR: "1",
      NO_COLOR: "1",
      TERM: "dumb",
      LANG: "C.UTF-8",
      LC_CTYPE: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      COLORTERM: "",
      GIT_PAGER: "cat",
      GH_PAGER: "cat",
      CODEX_CI: "1",
      CODEX_THREAD_ID: "t1",
      CODEX_TOOL_CALL_ID: "call_7",
      MORE: "2",
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, variables.get(name)]))).toEqual(expected);
    for (const name of ["CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_SESSION_ID", "HOLDFAST_PROCESS"]) {
      expect(variables.has(name), name).toBe(false);
    }
  });

  test("follow the policy, and leave out what another agent has told the executor of itself", async () => {
    await using at = await workshop({
      env: { CODEX_THREAD_ID: "of another agent", KEPT: "1", DROPPED: "1" },
      settings: { sandbox: "none", login: false, envPolicy: { exclude: ["DROPPED"] } },
    });
    const { output } = await at.exec.exec({ cmd: 'echo "[$CODEX_THREAD_ID$DROPPED$KEPT]"' });
    expect(output).toBe("[1]\n");
  });
});

describe("the sandbox of a command", () => {
  test("is that of the folder of the environment, whatever folder the command asks for", async () => {
    await using at = await workshop({ settings: { sandbox: { write: ["."] }, login: false } });
    await using other = await tempDir();
    expect((await at.exec.exec({ cmd: "echo x >inside && cat inside" })).output).toBe("x\n");
    const denied = await at.exec.exec({ cmd: "mkdir here", workdir: other.path });
    expect(denied).toMatchObject({ sandboxDenied: true });
    expect(await readdir(other.path)).toEqual([]);
    expect((await at.exec.exec({ cmd: "echo $CODEX_SANDBOX_NETWORK_DISABLED" })).output).toBe("1\n");
  });

  test("is by default the one that lets it write in the workspace", async () => {
    await using at = await workshop({ settings: { login: false } });
    expect((await at.exec.exec({ cmd: "mkdir .git; echo x >inside && cat inside" })).output).toContain("x\n");
    expect((await at.exec.exec({ cmd: "echo x >.git/config" })).sandboxDenied).toBe(true);
  });

  test("is read by each call", async () => {
    let sandbox: "read-only" | "none" = "read-only";
    await using at = await workshop({ settings: () => ({ sandbox, login: false }) });
    await writeFile(at.folder.join("file"), "old");
    expect((await at.exec.exec({ cmd: "echo new >file" })).exitCode).not.toBe(0);
    sandbox = "none";
    expect((await at.exec.exec({ cmd: "echo new >file && cat file" })).output).toBe("new\n");
  });
});
