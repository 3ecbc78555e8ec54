import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { socketName } from "@holdfast/executor";
import { tempDir, until } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { passedSocket } from "../../src/serve/manager/passed-socket.ts";
import { BIN, Cli, holdfast, lines, testEnvironment } from "../support/cli.ts";

const isLinux = process.platform === "linux";
const servers: Server[] = [];

afterAll(() => {
  for (const server of servers) server.close();
});

/** A socket that listens, and its descriptor. */
async function listening(where: string | { readonly host: string; readonly port: number }): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(where);
  await once(server, "listening");
  const { _handle: handle } = server as unknown as { readonly _handle: { readonly fd: number } };
  return handle.fd;
}

/** Makes a socket on a path or an address, and starts its words with it as descriptor 3, as a service manager does. */
const PASS = `
import os, socket, sys
where = sys.argv[1]
s = socket.socket(socket.AF_UNIX if where[0] == "/" else socket.AF_INET)
s.bind(where if where[0] == "/" else (where, 0))
s.listen()
if s.fileno() != 3:
    os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
`;

function starting(where: string) {
  const words = ["-c", PASS, where, process.execPath, BIN, "serve", "--listen", "fd://"];
  return spawn("python3", words, { env: testEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
}

async function serveOn(where: string) {
  const child = starting(where);
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    url,
    child,
    async [Symbol.asyncDispose]() {
      const isGone = child.exitCode !== null || child.signalCode !== null;
      child.kill("SIGKILL");
      if (!isGone) await once(child, "close");
    },
  };
}

describe.runIf(isLinux)("the name of a socket", () => {
  test.each([
    ["127.0.0.1", { kind: "tcp", address: "127.0.0.1", port: expect.any(Number) }],
    ["::1", { kind: "tcp", address: "::1", port: expect.any(Number) }],
  ])("on %s is its address and port", async (host, name) => {
    expect(socketName(await listening({ host, port: 0 }))).toEqual(name);
  });

  test("of a unix socket is its path, whatever that has", async () => {
    await using folder = await tempDir();
    const path = folder.join("é漢.sock");
    expect(socketName(await listening(path))).toEqual({ kind: "unix", path });
  });

  test("is none for an abstract one, a file, and nothing at all", async () => {
    expect(socketName(await listening("\0holdfast-test-abstract"))).toBeUndefined();
    expect(socketName(openSync("/dev/null", "r"))).toBeUndefined();
    expect(socketName(9_999)).toBeUndefined();
  });
});

describe("what a service manager passes", () => {
  const own = { LISTEN_FDS: "1", LISTEN_PID: String(process.pid) };

  test("is what was noted of it", () => {
    const socket = { kind: "tcp", address: "127.0.0.1", port: 1, descriptor: 3 };
    expect(passedSocket({ HOLDFAST_PASSED_SOCKET: JSON.stringify(socket) })).toEqual(socket);
  });

  test.each([
    [{}, "none was passed"],
    [{ LISTEN_FDS: "1" }, "none was passed"],
    [{ ...own, LISTEN_PID: "8" }, "none was passed"],
    [{ ...own, LISTEN_FDS: "2" }, "LISTEN_FDS says that 2 were passed"],
    [{ ...own, LISTEN_FDS: "0" }, "LISTEN_FDS says that 0 were passed"],
    [own, "no TCP socket and no unix socket with a path"],
  ])("is refused for %j", (env, said) => {
    expect(() => passedSocket(env)).toThrow(said);
  });
});

describe.runIf(isLinux)("serve --listen fd://", () => {
  test("serves on a TCP socket that it was passed, under its address", async () => {
    await using server = await serveOn("127.0.0.1");
    expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const { stdout } = await holdfast(["exec", "--url", server.url, "--", "sh", "-c", "env | grep -c ^LISTEN_"]);
    expect(stdout.toString()).toBe("0\n");
    server.child.kill("SIGTERM");
    expect(await once(server.child, "exit")).toEqual([0, null]);
  });

  test("serves on a unix socket that it was passed, and leaves its name where it is", async () => {
    await using folder = await tempDir();
    const path = folder.join("passed.sock");
    await using server = await serveOn(path);
    expect(server.url).toBe(`unix://${path}`);
    expect((await holdfast(["exec", "--url", server.url, "--", "echo", "here"])).stdout.toString()).toBe("here\n");
    server.child.kill("SIGTERM");
    await once(server.child, "exit");
    expect(spawnSync("test", ["-S", path]).status).toBe(0);
  });

  test.each(["127.0.0.1", "unix"])("goes on with one on %s when another program takes its place", async (kind) => {
    await using folder = await tempDir();
    await using server = await serveOn(kind === "unix" ? folder.join("passed.sock") : kind);
    const { pid } = server.child;
    expect(await holdfast(["serve", "--replace", "--listen", server.url])).toMatchObject({ code: 0 });
    const script = "echo $PPID; env | grep -c -e ^LISTEN_ -e ^HOLDFAST_PASSED";
    const { stdout } = await holdfast(["exec", "--url", server.url, "--", "sh", "-c", script]);
    expect(lines(stdout.toString())).toEqual([String(pid), "0"]);
  });

  test("refuses one that other machines reach, as any other address", async () => {
    const child = starting("0.0.0.0");
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdout.resume();
    expect(await once(child, "close")).toEqual([2, null]);
    expect(lines(said)).toEqual([expect.stringContaining("0.0.0.0 can be reached from other machines")]);
  });

  test("refuses to serve where none was passed, in one line, with 2", async () => {
    const { code, stdout, stderr } = await holdfast(["serve", "--listen", "fd://"]);
    expect([code, stdout.toString(), lines(stderr)]).toEqual([2, "", [expect.stringContaining("none was passed")]]);
  });
});

const hasActivate = spawnSync("systemd-socket-activate", ["--version"]).status === 0;

test.skipIf(!hasActivate)(
  `systemd-socket-activate starts it with the first connection${hasActivate ? "" : " (skipped: there is none)"}`,
  async () => {
    await using folder = await tempDir();
    const path = folder.join("activated.sock");
    const words = ["-l", path, process.execPath, BIN, "serve", "--listen", "fd://"];
    const child = spawn("systemd-socket-activate", words, { env: testEnvironment(), stdio: "ignore" });
    try {
      await until(() => spawnSync("test", ["-S", path]).status === 0);
      await using cli = new Cli(["exec", "--url", `unix://${path}`, "--", "echo", "activated"]);
      expect(await cli.result()).toMatchObject({ code: 0, stdout: Buffer.from("activated\n") });
    } finally {
      child.kill("SIGKILL");
      await once(child, "close");
    }
  },
);
