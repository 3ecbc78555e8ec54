import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { ServiceNotices } from "../../src/serve/manager/service-notices.ts";
import { holdfast, serve } from "../support/cli.ts";

/** What a service manager hears: Node has no datagrams on unix sockets. Prints a line when it listens, then one JSON text a datagram. */
const LISTENER = `
import json, socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0" + name[1:] if name[0] == "@" else name)
print("listening", flush=True)
while True:
    print(json.dumps(s.recv(65536).decode()), flush=True)
`;

class Manager implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async at(address: string): Promise<Manager> {
    const child = spawn("python3", ["-c", LISTENER, address], { stdio: ["ignore", "pipe", "inherit"] });
    const manager = new Manager(child);
    const reader = createInterface({ input: child.stdout });
    await once(reader, "line");
    reader.on("line", (line) => manager.heard.push(JSON.parse(line)));
    return manager;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }
}

describe.runIf(process.platform === "linux")("a service manager", () => {
  test("is told when serve is ready, reads its settings anew, and stops", async () => {
    await using folder = await tempDir();
    const address = folder.join("notify");
    await using manager = await Manager.at(address);
    await using server = await serve({ env: { NOTIFY_SOCKET: address } });
    await until(() => manager.heard.length === 1);
    expect(manager.heard).toEqual([`READY=1\nSTATUS=serving on ${server.url}`]);
    server.child.kill("SIGHUP");
    await until(() => manager.heard.length === 3);
    expect(manager.heard[1]).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    const [, stamp = ""] = /MONOTONIC_USEC=(\d+)/.exec(manager.heard[1] ?? "") ?? [];
    // Of the same clock as this process has.
    expect(Math.abs(Number(process.hrtime.bigint() / 1_000n) - Number(stamp))).toBeLessThan(60_000_000);
    expect(manager.heard[2]).toMatch(/^READY=1\n/);
    server.child.kill("SIGTERM");
    expect((await server.result()).code).toBe(0);
    await until(() => manager.heard.length === 4);
    expect(manager.heard[3]).toBe("STOPPING=1");
  });

  test("in the abstract namespace hears that it is alive as often as it wants to", async () => {
    const address = `@holdfast-test-${randomUUID()}`;
    await using manager = await Manager.at(address);
    await using _server = await serve({ env: { NOTIFY_SOCKET: address, WATCHDOG_USEC: "20000" } });
    await until(() => manager.heard.filter((text) => text === "WATCHDOG=1").length >= 3);
  });

  test("is nothing that a command gets to know of", async () => {
    const passed = { WATCHDOG_USEC: "9000000", LISTEN_PID: "1", LISTEN_FDS: "1", LISTEN_FDNAMES: "x" };
    await using folder = await tempDir();
    const address = folder.join("notify");
    await using _manager = await Manager.at(address);
    await using server = await serve({ env: { NOTIFY_SOCKET: address, ...passed, SEEN: "yes" } });
    const { stdout } = await holdfast(["exec", "--url", server.url, "--", "env"]);
    expect(stdout.toString()).toMatch(/^SEEN=yes$/m);
    expect(stdout.toString()).not.toMatch(/^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_)/m);
  });

  test("that is gone is a warning, and serving goes on", async () => {
    await using server = await serve({ args: ["--log-level", "warn"], env: { NOTIFY_SOCKET: "/nonexistent/notify" } });
    await until(() => server.stderr.includes("the service manager can't be told"));
    expect(server.stderr).toContain("ENOENT");
    expect((await holdfast(["exec", "--url", server.url, "--", "true"])).code).toBe(0);
  });
});

describe("notices", () => {
  const silent = (): void => {};

  test.each([
    ["no manager", {}],
    ["a manager that does not ask", { NOTIFY_SOCKET: "/n" }],
    ["one that asks another process", { NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "1000", WATCHDOG_PID: "1" }],
    ["one that asks for nonsense", { NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "often" }],
  ])("wake nobody up for %s", async (_, env) => {
    const clock = new FakeClock();
    new ServiceNotices(env, silent, { clock, pid: 7 }).ready(undefined);
    expect(clock.pendingTimers).toBe(0);
  });
});
