import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type ProgramName, programPath, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

const start = (name: ProgramName, ...args: string[]) => {
  const child = spawn(process.execPath, [programPath(name), ...args], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {});
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { child, text: () => text, ready: () => until(() => text.includes("ready")) };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
};

describe("the programs", () => {
  test("ignores-sigterm lives through SIGTERM, SIGINT and SIGHUP", async () => {
    const { child, ready } = start("ignores-sigterm");
    await ready();
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) child.kill(signal);
    // Signals are handled in order, so a later SIGKILL proves the earlier ones were survived.
    child.kill("SIGKILL");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  });

  test("prints-after-exit prints its last line when its parent is gone", async () => {
    const { child, text } = start("prints-after-exit", "200");
    const closed = once(child, "close");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(text()).not.toContain("late");
    await closed;
    expect(text()).toBe("ready\nlate\n");
  });

  test("never-reads-stdin leaves what is written in the pipe", async () => {
    const { child, ready } = start("never-reads-stdin");
    await ready();
    child.stdin?.write(Buffer.alloc(1_000_000));
    expect(child.stdin?.writableLength).toBe(1_000_000);
    await end(child);
  });

  test("floods-stdout writes exactly as much as it was told", async () => {
    const { child, text } = start("floods-stdout", "3");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(text().length).toBe(3 * 1_024 * 1_024);
  });

  test("forks-on leaves a child in its process group that ignores SIGTERM", async () => {
    const { child, text, ready } = start("forks-on");
    await ready();
    const pid = Number(text().split(" ")[1]);
    child.kill("SIGTERM");
    await once(child, "exit");
    process.kill(pid, "SIGTERM");
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid, "SIGKILL");
  });

  test("echoes-stdin copies until the end", async () => {
    const { child, text } = start("echoes-stdin");
    child.stdin?.end("a\nb");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(text()).toBe("a\nb");
  });

  test("closes-stdin breaks the pipe of its writer and lives on", async () => {
    const { child, ready } = start("closes-stdin");
    await ready();
    const failed = once(child.stdin, "error");
    child.stdin?.write("x");
    expect(await failed).toMatchObject([{ code: "EPIPE" }]);
    expect(child.exitCode).toBe(null);
    await end(child);
  });

  test("exits-with exits with the code it was given", async () => {
    const { child } = start("exits-with", "7");
    expect(await once(child, "exit")).toEqual([7, null]);
  });
});
