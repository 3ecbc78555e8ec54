import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { isAlive, type ProgramName, programPath, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

function start(name: ProgramName, ...args: string[]) {
  const child = spawn(process.execPath, [programPath(name), ...args], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {});
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { child, text: () => text, ready: () => until(() => text.includes("ready")) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

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
    // Far later than its end can be noticed here: nobody waits for that one.
    const patient = start("prints-after-exit", "10000");
    expect(await once(patient.child, "exit")).toEqual([0, null]);
    expect(patient.text()).not.toContain("late");
    patient.child.stdout.destroy();
    const { child, text } = start("prints-after-exit");
    expect(await once(child, "close")).toEqual([0, null]);
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

  test("leaves-its-session has a child that no signal to its group reaches", async () => {
    const { child, text, ready } = start("leaves-its-session");
    await ready();
    const pid = Number(text().split(" ")[1]);
    expect(groupAndSession(pid)).toEqual([pid, pid]);
    await end(child);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
    await until(() => !isAlive(pid));
  });

  test("becomes-a-daemon leaves a process that is no child of it and in a session of its own", async () => {
    const { child, text } = start("becomes-a-daemon");
    expect(await once(child, "close")).toEqual([0, null]);
    const pid = Number(text().split(" ")[1]);
    expect(isAlive(pid)).toBe(true);
    expect(groupAndSession(pid)).toEqual([pid, pid]);
    process.kill(pid, "SIGKILL");
    await until(() => !isAlive(pid));
  });

  test("keeps-forking goes on in new processes after the first has exited", async () => {
    const { child, text } = start("keeps-forking", "0", "200");
    const pids = (): number[] => Array.from(text().matchAll(/ready (\d+)\n/g), ([, pid]) => Number(pid));
    let closed = false;
    child.stdout.on("close", () => {
      closed = true;
    });
    expect(await once(child, "exit")).toEqual([0, null]);
    await until(() => pids().length >= 3);
    expect(new Set(pids()).size).toBe(pids().length);
    // Only who has told its pid can be ended, and only before it starts the next one: the newest, until none is left.
    await until(() => {
      const newest = pids().at(-1);
      if (!closed && newest !== undefined) killIfThere(newest);
      return closed;
    });
  });

  test("closes-stdout ends its output and lives on", async () => {
    const { child, text } = start("closes-stdout");
    await once(child.stdout, "close");
    expect(text()).toBe("ready\n");
    expect(child.exitCode).toBe(null);
    await end(child);
  });

  test("splits-a-character tells the last byte of it only after some input", async () => {
    const child = spawn(process.execPath, [programPath("splits-a-character")], { stdio: ["pipe", "pipe", "inherit"] });
    let bytes = Buffer.alloc(0);
    child.stdout.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
    });
    await until(() => bytes.length === 2);
    expect(bytes.toString()).toBe("\ufffd");
    child.stdin.write("x");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(bytes.toString()).toBe("\u20ac");
  });

  test("stops-itself does nothing until it is continued", async () => {
    const { child, text, ready } = start("stops-itself");
    await ready();
    await until(() => statOf(child.pid ?? 0)[0] === "T");
    expect(text()).toBe("ready\n");
    child.kill("SIGCONT");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(text()).toBe("ready\ncontinued\n");
  });
});

/** Fields of `/proc/PID/stat` from the state on; none when the process is gone. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function groupAndSession(pid: number): number[] {
  return statOf(pid).slice(2, 4).map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
