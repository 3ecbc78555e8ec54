import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, linkSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { chmod, chown, lchown, mkdir, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { framePortContract, RecordingReceiver } from "@holdfast/rpc/testing";
import {
  connectWebSocket,
  type InboundConnection,
  type ListenWebSocketOptions,
  listenWebSocket,
  socketPathOf,
  socketUrl,
} from "@holdfast/rpc/websocket";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { webSocketPair } from "./pair.ts";
import { handshake } from "./raw.ts";

const SOMEBODY = 54_321;
const isRoot = process.geteuid?.() === 0;

framePortContract(
  "a unix socket",
  async (options) => {
    const folder = await tempDir();
    const pair = await webSocketPair(options, { path: folder.join("s") });
    const dispose = async (): Promise<void> => {
      await pair[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    };
    return { left: pair.left, right: pair.right, [Symbol.asyncDispose]: dispose };
  },
  { carriesClose: true, carriesBinary: true },
);

function listen(path: string, options: Partial<ListenWebSocketOptions> = {}) {
  return listenWebSocket({ path, onPort: (port) => port.open(new RecordingReceiver()), ...options });
}

/** A socket whose listener was killed, by name. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(`${path}.first`, done));
  linkSync(`${path}.first`, path);
  await closed(server);
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}

describe("a listener on a path", () => {
  test("makes a socket for its user alone, is found by its URL, and takes the name away at the end", async () => {
    await using folder = await tempDir();
    const path = folder.join("wörld #1%.sock");
    const umask = process.umask();
    const listener = await listen(path);
    expect(process.umask()).toBe(umask);
    expect(lstatSync(path).mode & 0o7777).toBe(0o600);
    expect(listener.url).toBe(socketUrl(path));
    expect(socketPathOf(listener.url)).toBe(path);
    expect(readdirSync(folder.path)).toHaveLength(1);
    const port = await connectWebSocket(listener.url);
    expect(port.peerName).toBe("unix");
    port.destroy("done");
    await listener.close();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("asks authorize about a descriptor, by which the system tells who is there", async () => {
    await using folder = await tempDir();
    const asked: InboundConnection[] = [];
    const refused: string[] = [];
    await using listener = await listen(folder.join("s"), {
      authorize: (request, connection) => {
        asked.push(connection);
        return request.headers.authorization === undefined
          ? { refusal: { status: 403, body: "no" } }
          : { principal: { name: "somebody" } };
      },
      onRefused: ({ status }, peerName) => refused.push(`${status} ${peerName}`),
    });
    await expect(connectWebSocket(listener.url)).rejects.toThrow("answered with 403 Forbidden: no");
    const port = await connectWebSocket(listener.url, { token: "secret" });
    expect(asked).toEqual([{ descriptor: expect.any(Number) }, { descriptor: expect.any(Number) }]);
    expect(refused).toEqual(["403 unix"]);
    port.destroy("done");
  });

  test("refuses web pages and names, which no unix socket has", async () => {
    await using folder = await tempDir();
    await using _ = await listen(folder.join("s"));
    const answerTo = async (request: string): Promise<string> => {
      const socket = connect(folder.join("s"));
      socket.write(request);
      const [answer] = (await once(socket, "data")) as [Buffer];
      socket.destroy();
      return answer.toString().slice(0, 12);
    };
    expect(await answerTo(handshake())).toBe("HTTP/1.1 101");
    expect(await answerTo(handshake("/", ["Origin: null"]))).toBe("HTTP/1.1 403");
    expect(await answerTo(handshake().replace("Host: localhost", "Host: page.example"))).toBe("HTTP/1.1 403");
  });

  test("replaces a socket that was left behind", async () => {
    await using folder = await tempDir();
    const path = folder.join("s");
    await leaveStale(path);
    await expect(connectWebSocket(socketUrl(path))).rejects.toThrow("ECONNREFUSED");
    await using listener = await listen(path);
    const port = await connectWebSocket(listener.url);
    port.destroy("done");
    expect(readdirSync(folder.path)).toEqual(["s"]);
  });

  test("of many that start at once where one was left behind, one has the name and serves", async () => {
    await using folder = await tempDir();
    const path = folder.join("s");
    await leaveStale(path);
    const started = await Promise.allSettled(Array.from({ length: 20 }, () => listen(path)));
    const listeners = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const errors = started.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
    expect(listeners).toHaveLength(1);
    expect(new Set(errors)).toEqual(new Set(["EADDRINUSE"]));
    const port = await connectWebSocket(socketUrl(path));
    port.destroy("done");
    expect(readdirSync(folder.path)).toEqual(["s"]);
    for (const listener of listeners) await listener.close();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("leaves the name of one that took its place", async () => {
    await using folder = await tempDir();
    const path = folder.join("s");
    const first = await listen(path);
    rmSync(path);
    await using second = await listen(path);
    await first.close();
    const port = await connectWebSocket(second.url);
    port.destroy("done");
  });

  test("rejects where somebody listens, and disturbs nobody", async () => {
    await using folder = await tempDir();
    const path = folder.join("s");
    await using listener = await listen(path);
    await expect(listen(path)).rejects.toMatchObject({ code: "EADDRINUSE" });
    const port = await connectWebSocket(listener.url);
    port.destroy("done");
  });

  test("that could not have its path keeps no process alive", async () => {
    await using folder = await tempDir();
    await using listener = await listen(folder.join("s"));
    const module = import.meta.resolve("@holdfast/rpc/websocket");
    const failing = "listenWebSocket({ path: process.argv[1], onPort() {} })";
    const script = `import("${module}").then((rpc) => rpc.${failing}).catch(({ code }) => console.log(code))`;
    const child = spawn(process.execPath, ["-e", script, socketPathOf(listener.url)], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 20_000,
    });
    let said = "";
    child.stdout.on("data", (data) => (said += data));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(said).toBe("EADDRINUSE\n");
  });

  test("leaves what is no socket alone: a file, a folder, a link to a socket", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), "precious");
    await mkdir(folder.join("folder"));
    await leaveStale(folder.join("stale"));
    await symlink("stale", folder.join("link"));
    for (const [name, reason] of [
      ["file", "it is no socket"],
      ["folder", "it is no socket"],
      ["link", "it is a link"],
    ] as const) {
      await expect(listen(folder.join(name))).rejects.toThrow(reason);
      expect(existsSync(folder.join(name))).toBe(true);
    }
  });

  test("is not made in a folder that others may write to", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("open"));
    await chmod(folder.join("open"), 0o777);
    await expect(listen(folder.join("open/s"))).rejects.toThrow("can be written by others (mode 777)");
    await expect(connectWebSocket(socketUrl(folder.join("open/s")))).rejects.toThrow("can be written by others");
    expect(readdirSync(folder.join("open"))).toEqual([]);
    // As in /tmp: others may write, but not replace.
    await chmod(folder.join("open"), 0o1777);
    await using _ = await listen(folder.join("open/s"));
  });

  test.runIf(isRoot)("is not made in a folder of another user, nor in the place of their socket", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("theirs"));
    await chown(folder.join("theirs"), SOMEBODY, SOMEBODY);
    await expect(listen(folder.join("theirs/s"))).rejects.toThrow(`belongs to user ${SOMEBODY}`);
    await leaveStale(folder.join("s"));
    await chown(folder.join("s"), SOMEBODY, SOMEBODY);
    await expect(listen(folder.join("s"))).rejects.toThrow(`the socket belongs to user ${SOMEBODY}`);
    await expect(connectWebSocket(socketUrl(folder.join("s")))).rejects.toThrow(`belongs to user ${SOMEBODY}`);
  });

  test("takes the longest path that a client can name, and says of one that is longer how long it may be", async () => {
    await using folder = await tempDir();
    const longest = folder.join("x".repeat(107 - Buffer.byteLength(folder.path) - 1));
    await using listener = await listen(longest);
    const port = await connectWebSocket(listener.url);
    port.destroy("done");
    const message = "may have at most 107 bytes, and this one has 108: choose a shorter one";
    await expect(listen(`${longest}x`)).rejects.toThrow(message);
    await expect(connectWebSocket(socketUrl(`${longest}x`))).rejects.toThrow(message);
  });

  test("needs one place to listen on", async () => {
    for (const place of [{}, { host: "127.0.0.1" }, { path: "/x", port: 0, host: "::1" }]) {
      await expect(listenWebSocket({ ...place, onPort: () => {} })).rejects.toThrow("listen on host and port, on path");
    }
  });
});

describe("a client follows a link to a socket", () => {
  test("where no other user could have put it, as releases of Codex do", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("daemon"), { mode: 0o700 });
    await using _ = await listen(folder.join("daemon/s"));
    await symlink(folder.join("daemon/s"), folder.join("link"));
    await symlink("link", folder.join("link to a link"));
    for (const name of ["link", "link to a link"]) {
      const port = await connectWebSocket(socketUrl(folder.join(name)));
      port.destroy("done");
    }
  });

  test("not into a folder that others may write to, nor from one", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("open"));
    await using _own = await listen(folder.join("s"));
    await using _open = await listen(folder.join("open/s"));
    await symlink("open/s", folder.join("link"));
    await symlink("../s", folder.join("open/link"));
    await chmod(folder.join("open"), 0o777);
    for (const name of ["link", "open/link"]) {
      await expect(connectWebSocket(socketUrl(folder.join(name)))).rejects.toMatchObject({
        code: "closed",
        delivery: "not-sent",
        message: expect.stringContaining("can be written by others (mode 777)"),
      });
    }
  });

  test.runIf(isRoot)("not that of another user", async () => {
    await using folder = await tempDir();
    await using _ = await listen(folder.join("s"));
    await symlink("s", folder.join("link"));
    await lchown(folder.join("link"), SOMEBODY, SOMEBODY);
    await expect(connectWebSocket(socketUrl(folder.join("link")))).rejects.toThrow(`belongs to user ${SOMEBODY}`);
  });

  test("not to what is no socket, to nothing, or in a circle", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), "");
    await symlink("file", folder.join("link to a file"));
    await symlink("nothing", folder.join("link to nothing"));
    await symlink("circle", folder.join("circle"));
    for (const [name, reason] of [
      ["link to a file", "it is no socket"],
      ["link to nothing", "ENOENT"],
      ["circle", "it is a link to a link, more than 8 times"],
    ] as const) {
      await expect(connectWebSocket(socketUrl(folder.join(name)))).rejects.toThrow(reason);
    }
  });
});

test.each(["unix://", "unix://host/path", "unix:///a%2Fb", "unix:///a%00b", "unix:///a%zz"])(
  "takes %s for no path of a socket",
  async (url) => {
    expect(() => socketPathOf(url)).toThrow(RangeError);
    await expect(connectWebSocket(url)).rejects.toThrow("the URL is not usable");
  },
);

test.each([["TCP"], ["a unix socket"]])(
  "listens on a descriptor of %s that is given to it, and leaves its name",
  async (kind) => {
    await using folder = await tempDir();
    const path = kind === "TCP" ? undefined : folder.join("s");
    const server = createServer();
    await new Promise<void>((done) => {
      if (path === undefined) server.listen(0, "127.0.0.1", done);
      else server.listen(`${path}.first`, done);
    });
    if (path !== undefined) linkSync(`${path}.first`, path);
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const program = fileURLToPath(new URL("./on-descriptor.ts", import.meta.url));
    const child = spawn(process.execPath, [program, ...(path === undefined ? [] : [path])], {
      stdio: ["pipe", "pipe", "inherit", fd],
    });
    const ended = once(child, "close");
    try {
      const [url] = (await once(createInterface({ input: child.stdout as Readable }), "line")) as [string];
      // Now it alone takes what connects.
      await closed(server);
      expect(url).toMatch(path === undefined ? /^ws:\/\/127\.0\.0\.1:\d+$/ : /^unix:\/\/\/.*\/s$/);
      const port = await connectWebSocket(url);
      port.destroy("done");
      child.stdin?.end();
      expect(await ended).toEqual([0, null]);
      expect(path === undefined || existsSync(path)).toBe(true);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  },
);
