import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@holdfast/exec-client";
import { HANDOVER_VERSION } from "@holdfast/executor";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, serve } from "../../support/cli.ts";
import { unconfinable } from "../../support/confinement.ts";
import { replaced } from "./replaced.ts";

const PATIENCE_MS = 20_000;

/** A command that echoes, by which it shows that it goes on, and over which connection. */
async function echoing(url: string) {
  const outages: string[] = [];
  const onStateChange = (state: string) => void (state === "recovering" && outages.push(state));
  const executor = await connect(url, { processConnections: "shared", onStateChange });
  const running = await executor.processes.start({ argv: ["cat"], cwd: "/", pipeStdin: true });
  const lines = running.lines();
  const echo = async (text: string): Promise<string | undefined> => {
    await running.write(`${text}\n`);
    const { value } = await lines.next();
    return value ?? undefined;
  };
  return { executor, echo, outages, [Symbol.asyncDispose]: () => executor.close() };
}

/** What tells the executors apart that are recorded. */
async function recordsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => /^(\d+\.\d+)\.json$/.exec(name)?.[1] ?? []);
}

/** The only one. */
function recordedIn(folder: string): Promise<string> {
  return until(async () => (await recordsIn(folder))[0]);
}

const MAIN = new URL("../../../dist/program/main.js", import.meta.url).href;

/**
 * A program that asks to take over as the real one does, and then behaves otherwise.
 *
 * @param asTrial - What it does when it is tried, and @param asSuccessor when it takes over; default as the real one.
 */
async function otherProgram(folder: string, asTrial: string, asSuccessor = ""): Promise<string> {
  const path = join(folder, "other.mjs");
  const text = `
    const role = process.env.HOLDFAST_HANDOVER;
    if (role === "trial") { ${asTrial} }
    else if (role !== undefined) { ${asSuccessor} }
    if (role !== "trial") await (await import(${JSON.stringify(MAIN)})).main();
  `;
  await writeFile(path, text);
  return path;
}

describe.skipIf(process.platform !== "linux")(
  "serve --replace says why nothing came of it, and the executor goes on",
  { timeout: 60_000 },
  () => {
    test("where there is no executor", async () => {
      await using state = await tempDir();
      const env = { XDG_RUNTIME_DIR: state.path };
      expect(await holdfast(["serve", "--replace"], { env })).toMatchObject({
        code: 1,
        stderr: "holdfast serve: no executor of this user runs; start one without --replace\n",
      });
      expect(await holdfast(["serve", "--replace", "--listen", "ws://127.0.0.1:1"], { env })).toMatchObject({
        code: 1,
        stderr: "holdfast serve: no executor of this user runs at ws://127.0.0.1:1; start one without --replace\n",
      });
    });

    test("where there are two, and it is not said which", async () => {
      await using state = await tempDir();
      const env = { XDG_RUNTIME_DIR: state.path };
      await using first = await serve({ env });
      await recordedIn(state.join("holdfast", "executors"));
      expect(await holdfast(["serve", "--replace"], { env })).toMatchObject({ code: 0 });
      await using second = await serve({ env });
      await until(async () => (await recordsIn(state.join("holdfast", "executors"))).length === 2);
      const { code, stderr } = await holdfast(["serve", "--replace"], { env });
      expect(code).toBe(2);
      expect(stderr).toContain(first.url);
      expect(stderr).toContain(second.url);
      expect(stderr).toContain("say which one with --listen");
    });

    test("with options of its own: the executor keeps those it has", async () => {
      const { code, stderr } = await holdfast(["serve", "--replace", "--session-ttl", "5"]);
      expect(code).toBe(2);
      expect(stderr).toContain("--replace goes with --listen alone, not --session-ttl: the executor keeps its options");
    });

    test("where the settings that it was started with do not hold any more", async () => {
      await using folder = await tempDir();
      const token = folder.join("token");
      await writeFile(token, "secret-word", { mode: 0o600 });
      await using server = await serve({ args: ["--ws-auth", "capability-token", "--ws-token-file", token] });
      const executor = await connect(server.url, { token: "secret-word" });
      await writeFile(token, "", { mode: 0o600 });
      const { code, stderr } = await holdfast(["serve", "--replace", "--listen", server.url]);
      expect(code).toBe(1);
      expect(stderr).toContain(`the executor at ${server.url} was not replaced, and goes on: `);
      expect(stderr).toContain("token");
      expect(stderr).not.toContain("secret-word");
      expect((await executor.run(["echo", "on"], { cwd: "/" })).stdout).toBe("on\n");
      expect(executor.state).toBe("connected");
      await executor.close();
    });

    test.each([
      ["prints something else", "console.log('ws://127.0.0.1:1')", "is no program that can take over (exit code 0)"],
      ["ends with an error", "console.error('a reason'); process.exit(3)", "goes on: a reason"],
      [
        "takes over something newer",
        `console.log('{"handover":[99],"version":"9.9.9"}')`,
        "version 9.9.9 takes over version 99",
      ],
    ])("where the other program %s", async (_, asTrial, reason) => {
      await using folder = await tempDir();
      await using server = await serve();
      await using one = await echoing(server.url);
      const program = await otherProgram(folder.path, asTrial);
      const { code, stderr } = await holdfast(["serve", "--replace", "--listen", server.url], { program });
      expect(code).toBe(1);
      expect(stderr).toContain(`the executor at ${server.url} was not replaced, and goes on: `);
      expect(stderr).toContain(reason);
      expect(await one.echo("still there")).toBe("still there");
      expect(one.outages).toEqual([]);
    });

    test("where the other program can't go on with what it got: the one before it is back, and nothing is lost", async () => {
      await using folder = await tempDir();
      await using server = await serve({ args: ["--log-level", "warn"] });
      await using one = await echoing(server.url);
      const trial = `console.log('{"handover":[7,${HANDOVER_VERSION}],"version":"9.9.9"}')`;
      // What it is told to spool to is no folder.
      const program = await otherProgram(folder.path, trial, 'process.argv.push("--spool", "/proc/none")');
      const { code, stderr } = await holdfast(["serve", "--replace", "--listen", server.url], { program });
      expect(code).toBe(1);
      expect(stderr).toContain(
        `the executor at ${server.url} was not replaced, and goes on: output can't be spooled to`,
      );
      expect(await one.echo("still there")).toBe("still there");
      expect(server.stderr).toContain("the next program could not go on, and this one is back: ");
      await replaced(server);
      expect(await one.echo("and again")).toBe("and again");
    });

    test("where what it has can't be written down: clients that were sent away come back", async () => {
      await using server = await serve({ args: ["--log-level", "warn"] });
      await using one = await echoing(server.url);
      // No file may grow any more: the state is one, too.
      execFileSync("prlimit", ["--pid", String(server.child.pid), "--fsize=0"]);
      server.child.kill("SIGUSR2");
      await until(() => server.stderr.includes("was not replaced, and goes on: EFBIG"), { deadlineMs: PATIENCE_MS });
      expect(await one.echo("still there")).toBe("still there");
      await using another = await echoing(server.url);
      expect(await another.echo("and new ones")).toBe("and new ones");
      server.child.kill("SIGTERM");
      expect((await server.result()).code, "in the ordinary way").toBe(0);
    });

    test("while a confined command has a network proxy, which would end with the program", async ({ skip }) => {
      if (unconfinable !== undefined) skip(unconfinable);
      await using folder = await tempDir();
      await using server = await serve();
      await using executor = await connect(server.url);
      const running = await executor.processes.start({
        argv: ["sh", "-c", "echo up; read line; echo got $line"],
        cwd: folder.path,
        pipeStdin: true,
        sandbox: { network: { allow: ["service.example"] } },
      });
      const lines = running.lines();
      expect(await lines.next()).toMatchObject({ value: "up" });
      const { code, stderr } = await holdfast(["serve", "--replace", "--listen", server.url]);
      expect(code).toBe(1);
      expect(stderr).toContain("a confined command has its network proxy in this program; ask again when it has ended");
      await running.write("on\n");
      expect(await lines.next()).toMatchObject({ value: "got on" });
      expect(await running.closed).toMatchObject({ exitCode: 0 });
      await replaced(server);
    });

    test("while another replacement is under way, and that one comes about", async () => {
      await using server = await serve();
      await using one = await echoing(server.url);
      const both = await Promise.all([1, 2].map(() => holdfast(["serve", "--replace", "--listen", server.url])));
      expect(both.map(({ code }) => code)).toContain(0);
      for (const { code, stderr } of both) if (code !== 0) expect(stderr).toContain("another replacement");
      expect(await one.echo("still there")).toBe("still there");
    });
  },
);

describe.skipIf(process.platform !== "linux")("the signal", () => {
  test("means nothing to an executor on stdio, which says so and goes on", async () => {
    await using server = new Cli(["serve", "--listen", "stdio", "--log-level", "warn"], { stdin: "open-pipe" });
    server.child.stdin?.write(`${INITIALIZE}\n`);
    await until(() => server.stdout.includes("sessionId"));
    server.child.kill("SIGUSR2");
    await until(() => server.stderr.includes("what listens here can't be handed over"));
    expect(isAlive(server.child.pid ?? 0)).toBe(true);
    server.child.stdin?.end();
    expect(await server.result()).toMatchObject({ code: 0 });
  });
});

const INITIALIZE = JSON.stringify({ id: 1, method: "initialize", params: { clientName: "test" } });

describe.skipIf(process.platform !== "linux")("the record of an executor", () => {
  test("is its user's alone, and goes with it", async () => {
    await using state = await tempDir();
    const folder = state.join("holdfast", "executors");
    await mkdir(state.join("holdfast"), { mode: 0o700 });
    await mkdir(folder);
    await chmod(folder, 0o777);
    await using server = await serve({ env: { XDG_RUNTIME_DIR: state.path } });
    const identity = await recordedIn(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, `${identity}.json`))).mode & 0o777).toBe(0o600);
    server.child.kill("SIGTERM");
    await server.result();
    expect(await readdir(folder)).toEqual([]);
  });

  test("can not be written by a confined command, nor a request beside it", async ({ skip }) => {
    if (unconfinable !== undefined) skip(unconfinable);
    await using state = await tempDir();
    const folder = state.join("holdfast", "executors");
    await using server = await serve({ env: { XDG_RUNTIME_DIR: state.path } });
    await using executor = await connect(server.url);
    const identity = await recordedIn(folder);
    const { exitCode, stderr } = await executor.run(
      ["sh", "-c", 'echo {} > "$0"', join(folder, `${identity}.replace`)],
      {
        cwd: state.path,
        sandbox: "workspace-write",
      },
    );
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/Read-only|denied|nonexistent/),
    });
    expect(await readdir(folder)).toEqual([`${identity}.json`]);
  });

  test("that others can write is not heeded", async () => {
    await using state = await tempDir();
    const folder = state.join("holdfast", "executors");
    await using server = await serve({ env: { XDG_RUNTIME_DIR: state.path }, args: ["--log-level", "debug"] });
    const identity = await recordedIn(folder);
    const request = { id: "1", successor: { node: "/bin/false", program: [] } };
    await writeFile(join(folder, `${identity}.replace`), JSON.stringify(request), { mode: 0o666 });
    await chmod(join(folder, `${identity}.replace`), 0o666);
    server.child.kill("SIGUSR2");
    // Without a request it becomes its own program.
    await until(() => server.stderr.includes("is being replaced by version"), { deadlineMs: PATIENCE_MS });
  });
});
