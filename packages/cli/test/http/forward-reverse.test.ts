import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { connect, type Executor, type ForwardReverseOptions } from "@holdfast/exec-client";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";
import { sharedServer } from "../support/shared-server.ts";

const MIB = 1_048_576;
const PIECE_BYTES = 65_536;

interface Near extends AsyncDisposable {
  readonly port: number;
  readonly sockets: Set<Socket>;
}

/** A server on this machine, to which connections of the executor's machine are to come. */
async function near(onSocket: (socket: Socket) => void, at: object = { host: "127.0.0.1", port: 0 }): Promise<Near> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(at);
  await once(server, "listening");
  const address = server.address() as AddressInfo | string;
  return {
    port: typeof address === "string" ? 0 : address.port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const echo = (socket: Socket): void => void socket.pipe(socket);

/** Answers only once it has heard everything, as some protocols do. */
function answerAll(socket: Socket): void {
  const heard: Buffer[] = [];
  socket.on("data", (chunk) => heard.push(chunk));
  socket.on("end", () => socket.end(Buffer.concat(heard)));
}

/** Somebody on the executor's machine. */
async function dial(to: { readonly port: number } | { readonly path: string }): Promise<Socket> {
  const socket = connectTcp({ host: "127.0.0.1", allowHalfOpen: true, ...to });
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

async function bytesOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Of another process, bytes; 0 where that is not told. */
function memoryOf(pid: number | undefined): number {
  if (process.platform !== "linux") return 0;
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function refusal(port: number): Promise<unknown> {
  const socket = connectTcp({ port, host: "127.0.0.1" });
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  return error.code;
}

function forwarded(executor: Executor, to: Near, options: ForwardReverseOptions = {}) {
  return executor.forwardReverse(to.port, options);
}

describe("a port there that leads here", () => {
  const carries = async (bytes: number): Promise<void> => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    await using answers = await near(answerAll);
    await using port = await forwarded(executor, answers);
    expect(port).toMatchObject({ host: "127.0.0.1", via: "executor", path: undefined });
    const data = randomBytes(bytes);
    const socket = await dial(port);
    const answer = bytesOf(socket);
    socket.end(data);
    expect(digest(await answer)).toBe(digest(data));
    await until(() => port.connectionCount === 0);
  };

  test("carries every byte both ways, each direction with an end of its own", () => carries(4 * MIB));

  test("carries 64 MiB each way", { tags: "long", timeout: 120_000 }, () => carries(64 * MIB));

  test("ends at the side here first, while the other one still sends", async () => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    const heard = Promise.withResolvers<string>();
    await using greeter = await near((socket) => {
      socket.end("bye");
      void bytesOf(socket).then((bytes) => heard.resolve(String(bytes)));
    });
    await using port = await forwarded(executor, greeter);
    const socket = await dial(port);
    expect(String(await bytesOf(socket))).toBe("bye");
    socket.end("late");
    expect(await heard.promise).toBe("late");
  });

  test("takes 200 connections at once", async () => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    await using echoes = await near(echo);
    await using port = await forwarded(executor, echoes);
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const socket = await dial(port);
        const answer = bytesOf(socket);
        socket.end(`connection ${index}`);
        return String(await answer);
      }),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => `connection ${index}`));
  });

  test("loses nothing when the line is lost in the middle, and takes who came meanwhile", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    await using executor = await connect(line.url);
    await using echoes = await near(echo);
    await using port = await forwarded(executor, echoes);
    const data = randomBytes(8 * MIB);
    const socket = await dial(port);
    const chunks: Buffer[] = [];
    let received = 0;
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      received += chunk.byteLength;
    });
    socket.end(data);
    for (const share of [0.2, 0.6]) {
      await until(() => received > share * data.byteLength);
      line.cut();
    }
    const meanwhile = await dial(port);
    meanwhile.end("meanwhile");
    await once(socket, "end");
    expect(digest(Buffer.concat(chunks))).toBe(digest(data));
    expect(String(await bytesOf(meanwhile))).toBe("meanwhile");
  });

  test("is cut at any moment of many connections, and each of them is whole", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    await using executor = await connect(line.url, { recovery: { retryIntervalMs: 10 } });
    await using echoes = await near(echo);
    await using port = await forwarded(executor, echoes);
    const all = 60;
    let left = all;
    const cutting = (async () => {
      while (left > 0) {
        const before = left;
        await until(() => left <= before - 4 || left === 0, { intervalMs: 1 });
        line.cut();
        await until(() => executor.state === "connected", { intervalMs: 1 });
      }
    })();
    const one = async (index: number): Promise<void> => {
      const content = randomBytes(1_000 + 997 * index);
      const socket = await dial(port);
      const answer = bytesOf(socket);
      socket.end(content);
      expect(digest(await answer)).toBe(digest(content));
      left -= 1;
    };
    const next = Array.from({ length: left }, (_, index) => index).values();
    const worker = async (): Promise<void> => {
      for (const index of next) await one(index);
    };
    await Promise.all([cutting, ...Array.from({ length: 8 }, worker)]);
    await until(() => port.connectionCount === 0);
    expect(await executor.processes.list()).toHaveLength(all);
  });

  test("holds a fast sender there while nobody reads here, and loses nothing of what it sends", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const paused = Promise.withResolvers<Socket>();
    await using slow = await near((socket) => paused.resolve(socket.pause()));
    await using port = await forwarded(executor, slow);
    const before = memoryOf(server.child.pid);
    const data = randomBytes(48 * MIB);
    const socket = await dial(port);
    let sent = 0;
    function* pieces(): Generator<Buffer> {
      for (; sent < data.length; sent += PIECE_BYTES) yield data.subarray(sent, sent + PIECE_BYTES);
    }
    Readable.from(pieces()).pipe(socket);
    // It has stopped when nothing more went out for a while.
    let last = 0;
    await until(
      () => {
        const isStill = sent === last && last > 0;
        last = sent;
        return isStill;
      },
      { intervalMs: 300 },
    );
    expect(sent, "bytes that were taken").toBeLessThan(32 * MIB);
    expect(memoryOf(server.child.pid) - before, "bytes that the executor has more").toBeLessThan(40 * MIB);
    expect(digest(await bytesOf(await paused.promise))).toBe(digest(data));
  });

  test("that leads nowhere resets who connects, and says why", async () => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    const closed = await near(echo);
    await closed[Symbol.asyncDispose]();
    const errors: unknown[] = [];
    await using port = await forwarded(executor, closed, { onError: (error) => errors.push(error) });
    const socket = connectTcp({ port: port.port, host: "127.0.0.1" });
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    await until(() => errors.length > 0);
    expect(errors).toMatchObject([
      { code: "ECONNREFUSED", message: `ECONNREFUSED: no connection here to 127.0.0.1 port ${closed.port}` },
    ]);
  });

  test("resets both ends when one of them is reset, and is gone when it is closed", async () => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    // It hears, says nothing, and ends when it has heard the end.
    await using silent = await near((socket) => socket.resume().once("end", () => socket.end()));
    const port = await forwarded(executor, silent);
    const first = await dial(port);
    await until(() => silent.sockets.size === 1);
    first.resetAndDestroy();
    await until(() => silent.sockets.size === 0);
    const second = await dial(port);
    const reset = once(second, "error");
    await until(() => silent.sockets.size === 1);
    await port.close();
    expect(((await reset) as [NodeJS.ErrnoException])[0].code).toBe("ECONNRESET");
    await until(() => silent.sockets.size === 0);
    expect(await port.closed).toBeUndefined();
    expect(await refusal(port.port)).toBe("ECONNREFUSED");
    await until(async () => (await executor.processes.list()).every(({ isClosed }) => isClosed));
  });

  test("is closed by its signal, and never listens when that is aborted before", async () => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    await using echoes = await near(echo);
    const giveUp = new AbortController();
    await using port = await forwarded(executor, echoes, { signal: giveUp.signal });
    giveUp.abort();
    await port.closed;
    expect(await refusal(port.port)).toBe("ECONNREFUSED");
    await expect(forwarded(executor, echoes, { signal: giveUp.signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  test("tells that the executor is gone", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    await using echoes = await near(echo);
    await using port = await forwarded(executor, echoes);
    server.child.kill("SIGTERM");
    expect(String(await port.closed)).toMatch(/the executor is out of reach/);
  });

  test("is refused by the system's word where it is taken, and for other machines unless asked", async () => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    await using echoes = await near(echo);
    await expect(forwarded(executor, echoes, { port: echoes.port })).rejects.toMatchObject({
      name: "ListenError",
      code: "EADDRINUSE",
      message: `EADDRINUSE: 127.0.0.1 port ${echoes.port} can't be listened on: somebody listens there already`,
    });
    await expect(forwarded(executor, echoes, { host: "0.0.0.0" })).rejects.toMatchObject({
      name: "ListenError",
      code: "refused",
    });
    await using port = await forwarded(executor, echoes, { host: "0.0.0.0", otherMachines: true });
    expect(port.host).toBe("0.0.0.0");
  });

  test.each([
    [0, {}, "localPort"],
    ["3000", {}, "localPort"],
    [{ port: 1, hots: "x" }, {}, "hots"],
    [{ path: "/a", port: 1 }, {}, "path"],
    [{ host: "x" }, {}, "port"],
    [1, { path: "relative.sock" }, "path"],
    [1, { path: "/a.sock", port: 1 }, "path"],
    [1, { port: 65_536 }, "port"],
    [1, { otherMachines: "yes" }, "otherMachines"],
  ])("never %j with %j", async (to, options, argument) => {
    const server = await sharedServer();
    await using executor = await connect(server.url);
    await expect(executor.forwardReverse(to as number, options as ForwardReverseOptions)).rejects.toMatchObject({
      name: "InvalidArgumentError",
      argument,
    });
  });
});

describe("a unix socket", () => {
  test("there leads to one here, and a port here to one there", async () => {
    await using folder = await tempDir();
    await chmod(folder.path, 0o700);
    const server = await sharedServer();
    await using executor = await connect(server.url);
    const service = folder.join("service.sock");
    await using _ = await near(echo, { path: service });
    const there = folder.join("there.sock");
    await using reverse = await executor.forwardReverse({ path: service }, { path: there });
    expect([reverse.path, (await stat(there)).mode & 0o777]).toEqual([there, 0o600]);
    await using onwards = await executor.forward({ path: there });
    const data = randomBytes(8 * MIB);
    const socket = await dial(onwards);
    const answer = bytesOf(socket);
    socket.end(data);
    expect(digest(await answer)).toBe(digest(data));
    await reverse.close();
    expect(await stat(there).catch(() => "gone")).toBe("gone");
    const errors: unknown[] = [];
    await using nowhere = await executor.forward({ path: there }, { onError: (error) => errors.push(error) });
    await bytesOf(await dial(nowhere)).catch(() => {});
    await until(() => errors.length > 0);
    expect(errors).toMatchObject([{ name: "ConnectionError", code: "ENOENT", path: there, port: undefined }]);
  });
});

describe("by a program there, where the executor does not listen", () => {
  /** An executor that says that it can neither listen nor connect. */
  async function without(url: string): Promise<Executor> {
    const executor = await connect(url);
    Object.assign(executor.environment.capabilities, { holdfastListeners: false, holdfastConnections: false });
    return executor;
  }

  test("a port there leads here, over lines that are lost, and is gone when it is closed", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    await using executor = await without(line.url);
    await using echoes = await near(echo);
    await using port = await forwarded(executor, echoes);
    expect(port.via).toMatch(/^(perl|python3|node)$/);
    const socket = await dial(port);
    const answers = socket.iterator({ destroyOnReturn: false });
    // Less than is kept for a client that is away.
    for (let block = 0; block < 100; block += 1) {
      const data = randomBytes(PIECE_BYTES);
      if (block % 30 === 20) line.cut();
      socket.write(data);
      const heard: Buffer[] = [];
      for (let length = 0; length < data.length; length += heard.at(-1)?.length ?? 0) {
        heard.push((await answers.next()).value as Buffer);
      }
      expect(Buffer.concat(heard).equals(data)).toBe(true);
    }
    socket.end();
    expect((await answers.next()).done).toBe(true);
    await until(() => port.connectionCount === 0);
    await port.close();
    expect([await port.closed, await refusal(port.port)]).toEqual([undefined, "ECONNREFUSED"]);
    await until(async () => (await executor.processes.list()).every(({ isClosed }) => isClosed));
  });

  test("what breaks or leads nowhere is reset at the other end", async () => {
    const server = await sharedServer();
    await using executor = await without(server.url);
    await using half = await near((socket) => socket.write("half of it", () => socket.resetAndDestroy()));
    const errors: Error[] = [];
    const onError = (error: unknown): void => void errors.push(error as Error);
    const nowhere = await near(echo);
    await nowhere[Symbol.asyncDispose]();
    await using cut = await forwarded(executor, half, { onError });
    await using closed = await forwarded(executor, nowhere, { onError });
    for (const port of [cut, closed]) {
      const outcome = await bytesOf(await dial(port)).catch((error: NodeJS.ErrnoException) => error.code);
      expect(outcome).toBe("ECONNRESET");
    }
    await until(() => errors.length === 2);
    expect(errors[1]?.message).toBe(`ECONNREFUSED: no connection here to 127.0.0.1 port ${nowhere.port}`);
  });

  test("unix sockets lead here and there", async () => {
    await using folder = await tempDir();
    const server = await sharedServer();
    await using executor = await without(server.url);
    const service = folder.join("service.sock");
    await using _ = await near(echo, { path: service });
    const there = folder.join("there.sock");
    await using reverse = await executor.forwardReverse({ path: service }, { path: there });
    expect([reverse.path, (await stat(there)).mode & 0o777]).toEqual([there, 0o600]);
    await using onwards = await executor.forward({ path: there });
    const data = randomBytes(MIB);
    const socket = await dial(onwards);
    const answer = bytesOf(socket);
    socket.end(data);
    expect(digest(await answer)).toBe(digest(data));
    await reverse.close();
    expect(await stat(there).catch(() => "gone")).toBe("gone");
  });

  test("is refused as the executor itself would", async () => {
    const server = await sharedServer();
    await using executor = await without(server.url);
    await using echoes = await near(echo);
    await expect(forwarded(executor, echoes, { port: echoes.port })).rejects.toMatchObject({
      name: "ListenError",
      code: "EADDRINUSE",
      message: expect.stringContaining(`127.0.0.1 port ${echoes.port} can't be listened on: `),
    });
    await expect(forwarded(executor, echoes, { host: "0.0.0.0" })).rejects.toMatchObject({
      name: "ListenError",
      code: "refused",
    });
    await expect(forwarded(executor, echoes, { host: "--help", otherMachines: true })).rejects.toMatchObject({
      name: "InvalidArgumentError",
      argument: "host",
    });
  });

  test("tells when that program has ended", async () => {
    const server = await sharedServer();
    await using executor = await without(server.url);
    await using echoes = await near(echo);
    await using port = await forwarded(executor, echoes);
    const [program] = (await executor.processes.list()).filter(({ isClosed }) => !isClosed);
    process.kill(program?.pid ?? 0, "SIGKILL");
    expect(String(await port.closed)).toMatch(/what listens there has ended/);
    expect(await refusal(port.port)).toBe("ECONNREFUSED");
  });
});
