import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, stat, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { pathToFileURL } from "node:url";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const MIB = 1_048_576;
const WAIT_MS = 20_000;

async function listening(line: Line, listenerId = "l", more: object = {}): Promise<number> {
  const { port } = await line.call("holdfast/listen", { listenerId, ...more });
  return port;
}

function accept(line: Line, processId: string, waitMs = WAIT_MS, listenerId = "l") {
  return line.call("holdfast/acceptConnection", { listenerId, processId, waitMs });
}

/** Somebody on the executor's machine. */
async function dial(to: { readonly port: number } | { readonly path: string }): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", allowHalfOpen: true, ...to });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** How it ends: with what was sent, or with the error. */
async function endOf(socket: Socket): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of socket) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString("latin1");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function write(line: Line, processId: string, writeId: string, data: string) {
  return line.call("process/write", { processId, writeId, chunk: base64(data) });
}

function exitOf(line: Line, processId: string): unknown {
  return line.of(processId).find(({ method }) => method === "process/exited")?.params.exitCode;
}

function sha(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

describe("a listener", () => {
  test("gives who connects as a process, with both directions and their ends", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const waiting = accept(line, "c");
    const socket = await dial({ port });
    const from = socket.localPort;
    expect(await waiting).toEqual({ connection: { isKnown: false, host: "127.0.0.1", port: from } });
    socket.write("from there");
    await line.when(() => line.text("c") === "from there");
    await write(line, "c", "1", "from here");
    await line.call("holdfast/closeStdin", { processId: "c" });
    expect(await endOf(socket)).toBe("from here");
    socket.end();
    await line.when(() => line.isClosed("c"));
    expect([exitOf(line, "c"), line.seqs("c")]).toEqual([0, [1, 2, 3]]);
    const { processes } = await line.call("holdfast/listProcesses", {});
    expect(processes).toMatchObject([{ processId: "c", argv: ["127.0.0.1", String(from)] }]);
  });

  test("keeps who connects before somebody asks, in order", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const sockets: Socket[] = [];
    for (const word of ["first", "second", "third"]) {
      const socket = await dial({ port });
      socket.end(word);
      sockets.push(socket);
    }
    for (const [index, word] of ["first", "second", "third"].entries()) {
      expect(await accept(line, word)).toMatchObject({ connection: { port: sockets[index]?.localPort } });
    }
    await line.when(() => ["first", "second", "third"].every((word) => line.text(word) === word));
  });

  test("answers that nobody came, at once or after its time, and the id is free", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    await listening(line);
    expect(await accept(line, "c", 0)).toEqual({ connection: null });
    const waiting = accept(line, "c");
    await line.call("holdfast/listProcesses", {});
    await clock.advance(WAIT_MS);
    expect(await waiting).toEqual({ connection: null });
    await line.run("c", ["/bin/true"]);
  });

  test("asked again for a connection that it has given says so, and is asked no other one's", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    await listening(line, "other");
    const socket = await dial({ port });
    await accept(line, "c");
    const known = { isKnown: true, host: "127.0.0.1", port: socket.localPort };
    expect(await accept(line, "c")).toEqual({ connection: known });
    await expect(accept(line, "c", 0, "other")).rejects.toMatchObject({ code: INVALID_REQUEST });
    socket.end();
    await line.start("p", ["/bin/cat"]);
    await expect(accept(line, "p")).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: expect.stringContaining("process p already exists"),
    });
  });

  test("gives a connection to the next one when an id was taken meanwhile", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const [first, second] = [accept(line, "taken"), accept(line, "free")];
    await line.start("taken", ["/bin/cat"], { pipeStdin: true });
    const refused = expect(first).rejects.toMatchObject({ code: INVALID_REQUEST });
    await dial({ port });
    await refused;
    expect(await second).toMatchObject({ connection: { isKnown: false } });
  });

  test("two that wait by one id: one gets the connection, and the other one is told so", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const both = [accept(line, "c"), accept(line, "c")];
    await line.call("holdfast/listProcesses", {});
    await dial({ port });
    await dial({ port });
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    // The second connection is still there for another one.
    expect(await accept(line, "d")).toMatchObject({ connection: { isKnown: false } });
  });

  test("is another session's to nobody", async () => {
    await using line = await Line.ready();
    await using stranger = await Line.ready({}, line.executor);
    await listening(line);
    await expect(accept(stranger, "c")).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: "unknown listener id l",
    });
    expect(await stranger.call("holdfast/closeListener", { listenerId: "l" })).toEqual({});
    expect(await accept(line, "c", 0)).toEqual({ connection: null });
  });

  test("ten thousand that wait at once are answered, but for the newest sixty-four", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    let answered = 0;
    const waiting = Array.from({ length: 10_000 }, async (_, index) => {
      const answer = await accept(line, `c${index}`);
      answered += 1;
      return answer.connection;
    });
    await until(() => answered === 10_000 - 64);
    await dial({ port });
    await until(() => answered === 10_000 - 63);
    await line.call("holdfast/closeListener", { listenerId: "l" });
    expect((await Promise.all(waiting)).filter((connection) => connection !== null)).toHaveLength(1);
  });

  test("resets what comes when too many wait, and takes no more than a session may have open", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const dialled = () => Promise.all(Array.from({ length: 256 }, () => dial({ port })));
    const given = await dialled();
    for (const index of given.keys()) {
      expect(await accept(line, `c${index}`)).toMatchObject({ connection: { isKnown: false } });
    }
    const waitingOnes = await dialled();
    expect(await accept(line, "none", 0)).toEqual({ connection: null });
    expect(await endOf(await dial({ port }))).toBe("ECONNRESET");
    const waiting = accept(line, "next");
    await line.call("process/terminate", { processId: "c0" });
    expect(await waiting).toMatchObject({ connection: { isKnown: false } });
    for (const socket of [...given, ...waitingOnes]) socket.destroy();
  });

  test("carries every byte both ways, two hundred at once", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const contents = Array.from({ length: 200 }, () => randomBytes(40_000));
    const echoes = contents.map(async (content) => {
      const socket = await dial({ port });
      socket.end(content);
      return sha(Buffer.from(await endOf(socket), "latin1"));
    });
    const ids = contents.map((_, index) => `c${index}`);
    await Promise.all(
      ids.map(async (id) => {
        while ((await accept(line, id)).connection === null);
        await line.when(() => exitOf(line, id) === 0);
        const output = line.of(id).filter(({ method }) => method === "process/output");
        for (const [index, { params }] of output.entries()) {
          await line.call("process/write", { processId: id, writeId: String(index), chunk: params.chunk });
        }
        await line.call("holdfast/closeStdin", { processId: id });
      }),
    );
    expect((await Promise.all(echoes)).sort()).toEqual(contents.map(sha).sort());
  });

  test("resets who is connected when the connection is terminated: what was sent was not all", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const socket = await dial({ port });
    await accept(line, "c");
    await write(line, "c", "1", "half of");
    await line.call("process/terminate", { processId: "c" });
    expect(await endOf(socket)).toBe("ECONNRESET");
  });

  test("outlives its line: what came meanwhile is there, and a call can be repeated", async () => {
    await using line = await Line.ready();
    const { executor, sessionId } = line;
    const port = await listening(line);
    // Lost in the middle of a wait: nobody gets what comes now.
    const given = accept(line, "given");
    accept(line, "lost").catch(() => {});
    const socket = await dial({ port });
    await given;
    await line.hangUp();
    const content = randomBytes(4 * MIB);
    socket.end(content);
    const later = await dial({ port });
    later.write("later");
    await using next = await Line.resume(executor, sessionId);
    expect(await listening(next)).toBe(port);
    expect(await accept(next, "given")).toMatchObject({ connection: { isKnown: true } });
    await next.call("process/read", { processId: "given", afterSeq: 0, maxBytes: null, waitMs: 0 });
    await next.when(() => exitOf(next, "given") === 0);
    expect(await accept(next, "later")).toMatchObject({ connection: { isKnown: false, port: later.localPort } });
    await next.when(() => next.text("later") === "later");
  });

  test("ends with its session: nobody listens, and who waits is reset", async () => {
    await using line = await Line.ready({ limits: { detachedSessionTtlMs: 50 } });
    const port = await listening(line);
    const [given, waiting] = [await dial({ port }), await dial({ port })];
    await accept(line, "c");
    await line.hangUp();
    expect([await endOf(given), await endOf(waiting)]).toEqual(["ECONNRESET", "ECONNRESET"]);
    const refused = connect({ host: "127.0.0.1", port });
    const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("that is closed listens no more; what it has given goes on", async () => {
    await using line = await Line.ready();
    const port = await listening(line);
    const socket = await dial({ port });
    await accept(line, "c");
    const waiting = await dial({ port });
    const asked = accept(line, "d");
    await asked;
    await line.call("holdfast/closeListener", { listenerId: "l" });
    await line.call("holdfast/closeListener", { listenerId: "l" });
    expect(waiting.destroyed).toBe(false);
    await write(line, "c", "1", "still");
    await line.call("holdfast/closeStdin", { processId: "c" });
    expect(await endOf(socket)).toBe("still");
    await expect(accept(line, "e")).rejects.toMatchObject({ code: INVALID_REQUEST });
    const refused = connect({ host: "127.0.0.1", port });
    const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("is there once, whoever asks twice", async () => {
    await using line = await Line.ready();
    const ports = await Promise.all([listening(line), listening(line), listening(line)]);
    expect(new Set(ports).size).toBe(1);
    await expect(listening(line, "l", { host: "127.0.0.2" })).rejects.toMatchObject({ code: INVALID_REQUEST });
    const many = Array.from({ length: 31 }, (_, index) => listening(line, `l${index}`));
    await Promise.all(many);
    await expect(listening(line, "one more")).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: "at most 32 listeners may be open in one session",
    });
  });

  test("on a port that is taken is refused by the system's word", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    await using line = await Line.ready();
    await expect(listening(line, "l", { port })).rejects.toMatchObject({
      code: INTERNAL_ERROR,
      message: `127.0.0.1 port ${port} can't be listened on: somebody listens there already`,
      data: { holdfast: { code: "EADDRINUSE", syscall: "listen" } },
    });
    server.close();
    await once(server, "close");
    expect(await listening(line, "l", { port })).toBe(port);
  });

  test.each([
    [{ host: "0.0.0.0" }, INVALID_REQUEST, "other machines can reach 0.0.0.0"],
    [{ host: "::" }, INVALID_REQUEST, "other machines can reach ::"],
    [{ host: "203.0.113.7", otherMachines: false }, INVALID_REQUEST, "other machines can reach 203.0.113.7"],
    [{ host: "203.0.113.7", otherMachines: true }, INTERNAL_ERROR, "203.0.113.7 port 0 can't be listened on"],
    [{ host: "db.internal" }, INVALID_PARAMS, "host must be an IP address or localhost"],
    [{ host: "" }, INVALID_PARAMS, "host must be an IP address or localhost"],
    [{ port: 65_536 }, INVALID_PARAMS, "port"],
    [{ path: "file:///tmp/a.sock", port: 1 }, INVALID_PARAMS, "path must not be given beside host and port"],
    [{ path: `file:///tmp/${"x".repeat(120)}` }, INVALID_PARAMS, "the path of a unix socket may have at most"],
    [{ path: "file:///tmp/%FF" }, INVALID_PARAMS, "path must be UTF-8"],
    [{ path: "file:///no/such/folder/a.sock" }, INTERNAL_ERROR, "/no/such/folder/a.sock can't be listened on"],
  ])("never on %j", async (place, code, message) => {
    await using line = await Line.ready();
    await expect(listening(line, "l", place)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test("for other machines is there when that is asked for, and for IPv6 without it", async () => {
    await using line = await Line.ready();
    const everywhere = await line.call("holdfast/listen", { listenerId: "a", host: "0.0.0.0", otherMachines: true });
    expect(everywhere).toEqual({ host: "0.0.0.0", port: expect.any(Number) });
    const loopback = await line.call("holdfast/listen", { listenerId: "b", host: "::1" });
    expect(loopback).toEqual({ host: "::1", port: expect.any(Number) });
    expect(await line.call("holdfast/listen", { listenerId: "c", host: "localhost" })).toMatchObject({
      host: "127.0.0.1",
    });
  });
});

describe("a unix socket", () => {
  test("is for its owner alone, gives connections, and is gone with its listener", async () => {
    await using folder = await tempDir();
    await chmod(folder.path, 0o700);
    const path = folder.join("there.sock");
    await using line = await Line.ready();
    const asked = { listenerId: "l", path: pathToFileURL(path).href };
    expect(await line.call("holdfast/listen", asked)).toEqual({});
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const socket = await dial({ path });
    expect(await accept(line, "c")).toEqual({ connection: { isKnown: false } });
    socket.end("through a file");
    await line.when(() => line.text("c") === "through a file");
    await line.call("process/terminate", { processId: "c" });
    expect((await line.call("holdfast/listProcesses", {})).processes).toMatchObject([{ argv: [path] }]);
    await line.call("holdfast/closeListener", { listenerId: "l" });
    expect(await stat(path).catch(() => "gone")).toBe("gone");
  });

  test("is connected to as a port is", async () => {
    await using folder = await tempDir();
    const path = folder.join("service.sock");
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(path);
    await once(server, "listening");
    await using line = await Line.ready();
    const open = (processId: string, at = pathToFileURL(path).href) =>
      line.call("holdfast/openSocket", { processId, path: at });
    expect(await open("c")).toEqual({});
    await write(line, "c", "1", "hello");
    await line.call("holdfast/closeStdin", { processId: "c" });
    await line.when(() => line.isClosed("c"));
    expect([line.text("c"), exitOf(line, "c")]).toEqual(["hello", 0]);
    server.close();
    await once(server, "close");
    await expect(open("d")).rejects.toMatchObject({
      code: INTERNAL_ERROR,
      message: expect.stringContaining(`${path} can't be reached`),
      data: { holdfast: { code: "ENOENT", syscall: "connect" } },
    });
    for (const wrong of ["file:///tmp/%FF", `file:///tmp/${"x".repeat(120)}`, "relative.sock"]) {
      await expect(open("e", wrong)).rejects.toMatchObject({ code: INVALID_PARAMS });
    }
  });

  test("is not put where others could replace it, nor in the place of what is no socket or answers", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const listen = (name: string) =>
      line.call("holdfast/listen", { listenerId: name, path: pathToFileURL(folder.join(name)).href });
    await writeFile(folder.join("file"), "");
    await symlink(folder.join("nowhere"), folder.join("link"));
    await expect(listen("file")).rejects.toMatchObject({ code: INVALID_REQUEST, message: /it is no socket/ });
    await expect(listen("link")).rejects.toMatchObject({ code: INVALID_REQUEST, message: /it is a link/ });
    expect(await listen("taken")).toEqual({});
    await expect(
      line.call("holdfast/listen", { listenerId: "second", path: pathToFileURL(folder.join("taken")).href }),
    ).rejects.toMatchObject({ data: { holdfast: { code: "EADDRINUSE" } } });
    await chmod(folder.path, 0o777);
    await expect(listen("open")).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: expect.stringContaining("can be written by others"),
    });
  });
});
