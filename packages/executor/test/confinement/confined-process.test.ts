import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { MachineSandboxing, type Sandboxing } from "../../src/confinement/index.ts";
import { RegistryFolders } from "../../src/mount-targets/index.ts";
import { Line } from "../wire/line.ts";
import { canConfine, confinedTo, literal, special, workspace, workspaceWrite } from "./sandbox.ts";

function exitOf(line: Line, id: string) {
  return line.of(id).find(({ method }) => method === "process/exited")?.params;
}

async function ended(line: Line, script: string, sandbox: object) {
  await line.run("p", ["sh", "-c", script], { cwd: "file:///", sandbox });
  return { exited: exitOf(line, "p") };
}

describe.skipIf(!canConfine)("a confined command", () => {
  test("writes in its workspace and nowhere else, and its start tells what confines it", async () => {
    using folder = workspace();
    using outside = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    const script = `echo in > ${folder.at("f")} && echo out > ${outside.at("f")}`;
    expect(await line.start("p", ["sh", "-c", script], { cwd: folder.uri, sandbox })).toEqual({
      processId: "p",
      sandboxType: "linuxSeccomp",
    });
    await line.when(() => line.isClosed("p"));
    expect(readFileSync(folder.at("f"), "utf8")).toBe("in\n");
    expect(existsSync(outside.at("f"))).toBe(false);
    expect(line.text("p")).toMatch(/Read-only file system/);
    const methods = line.of("p").map(({ method }) => method);
    expect(methods.slice(-2)).toEqual(["process/exited", "process/closed"]);
    expect(exitOf(line, "p")).toMatchObject({ sandboxDenied: true });
    expect(await line.call("process/read", { processId: "p" })).toMatchObject({ sandboxDenied: true, closed: true });
  });

  test.each([
    ["0", "true", 0],
    ["a code", "exit 7", 7],
    ["a signal", "kill -9 $$", 137],
  ])("ends with %s as it would unconfined", async (_, script, exitCode) => {
    using folder = workspace();
    await using line = await Line.ready();
    await line.run("p", ["sh", "-c", script], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    expect(exitOf(line, "p")).toMatchObject({ exitCode, sandboxDenied: false });
  });

  test.each([
    ["the whole disk", [special("root", "write")]],
    ["the whole disk but one folder", [special("root", "write"), literal("/opt", "read")]],
    ["shared memory by name", [special("root", "read"), literal("/dev/shm", "write")]],
    ["its workspace", [special("root", "read"), special("project_roots", "write")]],
  ] as const)("that may write %s neither sees nor reaches what executors tell each other", async (_, entries) => {
    using folder = workspace();
    await using line = await Line.ready();
    // So that there is something to see, whatever ran before.
    await line.run("first", ["true"], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    const [registry = ""] = new RegistryFolders(["/dev/shm"]).paths();
    const script = `ls -A ${registry}; echo x > ${registry}/x; mv ${registry} ${registry}-moved; rmdir ${registry}; true`;
    const { exited } = await ended(line, script, confinedTo(folder.path, entries));
    expect(exited).toMatchObject({ exitCode: 0 });
    expect(
      line.text("p").match(/No such file|nonexistent|Permission denied|Read-only file system|resource busy/g),
    ).toHaveLength(4);
    expect(new RegistryFolders(["/dev/shm"]).paths()).toContain(registry);
  });

  test("runs behind a terminal of its own", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    await line.start("p", ["sh", "-c", "stty size; read a; echo got $a; test -t 0 && exit 5"], {
      cwd: folder.uri,
      sandbox,
      tty: true,
    });
    await line.when(() => line.text("p").includes("24 80"));
    const chunk = Buffer.from("word\r").toString("base64");
    await line.call("process/write", { processId: "p", writeId: "w", chunk });
    await line.when(() => line.isClosed("p"));
    expect(line.text("p")).toContain("got word");
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 5 });
  });

  test("gets its input and no descriptor but the standard ones", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    await line.start("p", ["sh", "-c", "cat; ls /proc/self/fd"], { cwd: folder.uri, sandbox, pipeStdin: false });
    await line.when(() => line.isClosed("p"));
    // The last one is that of `ls` itself.
    expect(line.text("p").trim().split("\n")).toEqual(["0", "1", "2", "3"]);
  });

  test.each([
    ["pipes", false],
    ["a terminal", true],
  ])("reacts to an interrupt by itself, behind %s", async (_, tty) => {
    using folder = workspace();
    await using line = await Line.ready();
    const script = "trap 'echo cleaned; exit 42' INT; echo ready; while :; do sleep 0.05; done";
    await line.start("p", ["sh", "-c", script], { cwd: folder.uri, sandbox: workspaceWrite(folder.path), tty });
    await line.when(() => line.text("p").includes("ready"));
    await line.call("process/signal", { processId: "p", signal: "interrupt" });
    await line.when(() => line.isClosed("p"));
    expect(line.text("p")).toContain("cleaned");
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 42, sandboxDenied: false });
  });

  test("with the whole disk but no network reacts to an interrupt too", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = confinedTo(folder.path, [special("root", "write")]);
    const script = "trap 'echo cleaned; exit 42' INT; echo ready; while :; do sleep 0.05; done";
    await line.start("p", ["sh", "-c", script], { cwd: folder.uri, sandbox });
    await line.when(() => line.text("p").includes("ready"));
    await line.call("process/signal", { processId: "p", signal: "interrupt" });
    await line.when(() => line.isClosed("p"));
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 42 });
  });

  test("is gone with all it started once it is terminated, and so is what was made for it", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const script = `setsid sleep ${secondsOfOurs(600)} & echo ready; wait`;
    await line.start("p", ["sh", "-c", script], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    await line.when(() => line.text("p").includes("ready"));
    expect(readdirSync(folder.path)).toContain(".codex");
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    await line.when(() => line.isClosed("p"));
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 137 });
    // The close of what was terminated waits for nobody who holds its streams.
    await until(() => !isSleeping(secondsOfOurs(600)));
    await until(() => readdirSync(folder.path).length === 0);
  });

  test.each([
    ["its workspace", workspaceWrite],
    ["the whole disk", (path: string) => confinedTo(path, [special("root", "write")])],
  ])("with %s takes all that it started along when it ends", async (_, sandboxFor) => {
    using folder = workspace();
    await using line = await Line.ready();
    const seconds = secondsOfOurs(601);
    const script = `setsid sleep ${seconds} >/dev/null 2>&1 & sleep ${seconds} >/dev/null 2>&1 & echo started`;
    await line.run("p", ["sh", "-c", script], { cwd: folder.uri, sandbox: sandboxFor(folder.path) });
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 0 });
    await until(() => !isSleeping(seconds));
  });

  test("has the name that it was given", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path), arg0: "-named" };
    expect(await line.run("p", ["sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline"], more)).toMatch(/^-named -c /);
  });

  test("has its own environment and nothing else", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path), env: { A: "1", B: "", PWD: "/wrong" } };
    const variables = (await line.run("p", ["/usr/bin/env"], more)).trim().split("\n");
    expect(variables.sort()).toEqual(["A=1", "B=", `PWD=${folder.path}`]);
  });

  test.each([
    ["is missing", "no-such", 127, "No such file or directory (os error 2)", false],
    ["must not be run", "./plain", 126, "Permission denied (os error 13)", true],
    ["is a folder", "./folder", 126, "Permission denied (os error 13)", true],
    ["is below a file", "./plain/x", 127, "Not a directory (os error 20)", false],
    ["is no program", "./script", 126, "Exec format error (os error 8)", false],
  ])("that %s says so and ends like in a shell", async (_, program, exitCode, reason, sandboxDenied) => {
    using folder = workspace();
    writeFileSync(folder.at("plain"), "x", { mode: 0o644 });
    mkdirSync(folder.at("folder"));
    writeFileSync(folder.at("script"), "echo no shell guesses this", { mode: 0o755 });
    await using line = await Line.ready();
    const text = await line.run("p", [program], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    expect(text).toBe(`holdfast: cannot execute ${program}: ${reason}\n`);
    expect(exitOf(line, "p")).toMatchObject({ exitCode, sandboxDenied });
  });

  test("can have as many arguments as any other", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const argv = ["sh", "-c", "echo $#", ...Array.from({ length: 20_001 }, () => "x")];
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path) };
    expect(await line.run("p", argv, more)).toBe("20000\n");
  });

  test("leaves nothing when its executor closes", async () => {
    using folder = workspace();
    const line = await Line.ready();
    await line.start("p", ["sleep", secondsOfOurs(602)], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    await line.executor.close();
    await until(() => !isSleeping(secondsOfOurs(602)));
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("that starts processes without end is ended as a whole", async () => {
    using folder = workspace();
    const sandboxing = limited(64);
    await using line = await Line.ready({ sandboxing });
    // Doubles until there are five hundred that end by themselves: should nobody end it, the machine lives on.
    const seconds = secondsOfOurs(20);
    const bomb = `f() { if [ $1 = 0 ]; then exec sleep ${seconds}; fi; f $(($1-1)) & f $(($1-1)) & wait; }; f 9`;
    await line.run("p", ["sh", "-c", bomb], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 137 });
    await until(() => !isSleeping(seconds));
  });

  test.each([
    ["an entry of another kind of machine", { path: { type: "path", path: "file:///C:/x" }, access: "read" }],
  ])("is refused for %s, and nothing runs", async (_, entry) => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = confinedTo(folder.path, [entry as never, special("project_roots", "write")]);
    const start = line.start("p", ["touch", folder.at("ran")], { cwd: folder.uri, sandbox });
    await expect(start).rejects.toThrow(
      expect.objectContaining({ code: -32602, message: expect.stringMatching(/^failed to prepare process sandbox: /) }),
    );
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("that must use a proxy and has none does not run; without a context the demand has no effect", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const demand = { cwd: folder.uri, enforceManagedNetwork: true };
    const sandbox = workspaceWrite(folder.path);
    const start = line.start("p", ["touch", folder.at("ran")], { ...demand, sandbox });
    await expect(start).rejects.toThrow(expect.objectContaining({ code: -32602 }));
    expect(readdirSync(folder.path)).toEqual([]);
    expect(await line.run("q", ["echo", "x"], demand)).toBe("x\n");
  });

  test("that narrows nothing runs as it is and can still be told denied", async () => {
    await using line = await Line.ready();
    const sandbox = { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" };
    const script = "echo 'Operation not permitted'; exit 1";
    expect(await line.start("p", ["sh", "-c", script], { sandbox })).toMatchObject({ sandboxType: "linuxSeccomp" });
    await line.when(() => line.isClosed("p"));
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 1, sandboxDenied: true });
  });

  test("goes by the words of its output", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    for (const [id, script, denied] of [
      ["words", "echo Permission denied; exit 1", true],
      ["none", "echo nothing; exit 1", false],
      ["success", "echo Permission denied", false],
    ] as const) {
      await line.run(id, ["sh", "-c", script], { cwd: folder.uri, sandbox });
      expect([id, exitOf(line, id)?.sandboxDenied]).toEqual([id, denied]);
    }
    writeFileSync(folder.at("f"), "");
  });
});

/** A time to sleep by which only this run of the tests calls a program. */
function secondsOfOurs(seconds: number): string {
  return `${seconds}.${process.pid}`;
}

/** Whether any process of the machine sleeps for so long. */
function isSleeping(seconds: string): boolean {
  return readdirSync("/proc").some((name) => {
    try {
      return readFileSync(`/proc/${Number(name)}/cmdline`, "utf8") === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  });
}

/** This machine's sandbox with a lower limit on processes. */
function limited(maxProcesses: number): Sandboxing {
  const real = new MachineSandboxing({ env: { PATH: process.env.PATH }, cwd: "/nonexistent" });
  return {
    isLikely: true,
    wasDenied: (outcome) => real.wasDenied(outcome),
    plan: async (intent) => ({ ...(await real.plan(intent)), maxProcesses }),
  };
}
