import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Host, isRunning } from "./host-process.ts";

const SLEEP = ["sleep", "600"];

async function guardianOf(host: Host): Promise<number> {
  const status = await host.status();
  if (status.kind !== "guarded") throw new Error(status.reason);
  return status.pid;
}

/** Its shell has set its traps, and closed what loading it opened, once it sleeps in the read. */
function isWatching(guardian: number) {
  return until(() => readFileSync(`/proc/${guardian}/wchan`, "latin1").includes("pipe"));
}

/** Ids of the direct children of a process. */
function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}

describe.skipIf(process.platform !== "linux")("the guardian", () => {
  test("ends what was started under it when its host is killed, and then itself", async () => {
    await using host = await Host.start();
    const child = await host.run(SLEEP);
    const guardian = await guardianOf(host);
    expect([child, guardian].every(isRunning)).toBe(true);
    await host.kill();
    await until(() => ![child, guardian].some(isRunning));
  });

  test("leaves alone what its host started by itself, in the same session and group", async () => {
    await using host = await Host.start();
    const guarded = [await host.run(SLEEP, { ownSession: false }), await host.run(SLEEP)];
    const foreign = [await host.run(SLEEP, { isGuarded: false, ownSession: false })];
    foreign.push(await host.run(SLEEP, { isGuarded: false }));
    const guardian = await guardianOf(host);
    await host.kill();
    await until(() => ![...guarded, guardian].some(isRunning));
    expect(foreign.every(isRunning)).toBe(true);
  });

  test("does not keep its host alive, and sweeps after an ordinary end too", async () => {
    await using host = await Host.start();
    const child = await host.run(SLEEP);
    await host.release();
    expect(host.child.exitCode).toBe(0);
    await until(() => !isRunning(child));
  });

  test("is replaced when it is killed, and the new one takes over every child", async () => {
    await using host = await Host.start();
    const child = await host.run(SLEEP);
    const first = await guardianOf(host);
    process.kill(first, "SIGKILL");
    await until(() => host.notices.length === 1);
    expect(host.notices).toEqual(["the guardian of child processes ended (signal 9); a new one watches"]);
    const second = await guardianOf(host);
    expect(second).not.toBe(first);
    expect(isRunning(child)).toBe(true);
    await host.kill();
    await until(() => ![child, second].some(isRunning));
  });

  test("is given up when it is killed again and again, and children still start", async () => {
    await using host = await Host.start();
    for (let killed = 1; killed <= 6; killed += 1) {
      process.kill(await guardianOf(host), "SIGKILL");
      await until(() => host.notices.length === killed);
    }
    expect(host.notices.at(-1)).toBe(
      "the guardian of child processes ended (signal 9) and there is no new one: it ended 6 times",
    );
    expect(await host.status()).toEqual({ kind: "unguarded", reason: "it ended 6 times" });
    expect(isRunning(await host.run(SLEEP))).toBe(true);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)("is not ended by %s", async (signal) => {
    await using host = await Host.start();
    const child = await host.run(SLEEP);
    const guardian = await guardianOf(host);
    await isWatching(guardian);
    process.kill(guardian, signal);
    await host.kill();
    await until(() => !isRunning(child));
    expect(host.notices).toEqual([]);
  });

  test("has a session, a working folder and standard streams of its own, and holds what it will become", async () => {
    await using host = await Host.start();
    await host.run(SLEEP);
    const guardian = await guardianOf(host);
    // While a program is loaded it has other files open than it has later.
    await isWatching(guardian);
    const [, , , session] = readFileSync(`/proc/${guardian}/stat`, "latin1")
      .replace(/^.*\) /, "")
      .split(" ");
    expect(Number(session)).toBe(guardian);
    expect(readlinkSync(`/proc/${guardian}/cwd`)).toBe("/");
    const descriptors = readdirSync(`/proc/${guardian}/fd`).filter((fd) => Number(fd) < 10);
    expect(descriptors.map((fd) => readlinkSync(`/proc/${guardian}/fd/${fd}`))).toEqual([
      expect.stringMatching(/^pipe:/),
      "/dev/null",
      "/dev/null",
      realpathSync(process.execPath),
      expect.stringMatching(/\/koffi\.node$/),
    ]);
  });

  test("is one, however many children there are", async () => {
    await using host = await Host.start();
    const children = [];
    for (let index = 0; index < 5; index += 1) children.push(await host.run(SLEEP));
    const guardian = await guardianOf(host);
    expect(new Set(childrenOf(host.pid))).toEqual(new Set([guardian, ...children]));
  });

  test("stays away where a limit on real-time scheduling is set, says why, and children still start", async () => {
    await using host = await Host.start(["prlimit", "--rttime=1000000"]);
    const child = await host.run(["sh", "-c", "exec sleep 600"]);
    const reason = "a limit on real-time scheduling is set";
    expect(await host.status()).toEqual({ kind: "unguarded", reason });
    expect(host.notices).toEqual([`if this process is killed, its children may live on: ${reason}`]);
    expect(readFileSync(`/proc/${child}/limits`, "latin1")).toMatch(/^Max realtime timeout +1000000 +1000000 /m);
  });

  test("of a host inside a host outlives the sweep of the outer one and does its own", async () => {
    await using outer = await Host.start();
    // The inner one's guarded child carries another mark, and sits in a session that the outer guardian never heard of.
    const inner = await outer.run([process.execPath, new URL("./nested.ts", import.meta.url).pathname]);
    const grandchild = await until(() => childrenOf(inner).find((pid) => commandOf(pid).startsWith("sleep")));
    const guardian = await until(() => childrenOf(inner).find((pid) => commandOf(pid).includes("holdfast-guardian")));
    expect(isRunning(guardian)).toBe(true);
    await outer.kill();
    await until(() => ![inner, grandchild, guardian].some(isRunning));
  });
});

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
}
