import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const MIB = 1_048_576;

/** The far side: a real server on the loopback, which keeps its ends of the connections. */
class FarSide implements AsyncDisposable {
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  private constructor(serve: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.sockets.push(socket);
      socket.on("error", () => {});
      serve(socket);
    });
  }

  static async listening(serve: (socket: Socket) => void = () => {}): Promise<FarSide> {
    const side = new FarSide(serve);
    side.#server.listen(0, "127.0.0.1");
    await once(side.#server, "listening");
    return side;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

function open(line: Line, processId: string, port: number, host = "127.0.0.1") {
  return line.call("holdfast/openConnection", { processId, host, port });
}

function write(line: Line, processId: string, writeId: string, data: string | Buffer) {
  const chunk = typeof data === "string" ? base64(data) : data.toString("base64");
  return line.call("process/write", { processId, writeId, chunk });
}

function closeStdin(line: Line, processId: string) {
  return line.call("holdfast/closeStdin", { processId });
}

function exitOf(line: Line, processId: string): unknown {
  return line.of(processId).find(({ method }) => method === "process/exited")?.params.exitCode;
}

function bytesOf(line: Line, processId: string): Buffer {
  const output = line.of(processId).filter(({ method }) => method === "process/output");
  return Buffer.concat(output.map(({ params }) => Buffer.from(String(params.chunk), "base64")));
}

function sha(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

const echo = (socket: Socket): void => {
  socket.pipe(socket);
};

describe("a connection", () => {
  test("is a process: what the far side sends is its output, what is written goes there, its end is an exit and a close", async () => {
    await using far = await FarSide.listening(echo);
    await using line = await Line.ready();
    expect(await open(line, "c", far.port)).toEqual({});
    await write(line, "c", "1", "hello");
    await line.when(() => line.text("c") === "hello");
    await closeStdin(line, "c");
    await line.when(() => line.isClosed("c"));
    expect([exitOf(line, "c"), line.seqs("c")]).toEqual([0, [1, 2, 3]]);
  });

  test("is listed by its host and port, has no id and takes no signal", async () => {
    await using far = await FarSide.listening(echo);
    await using line = await Line.ready();
    await open(line, "c", far.port, "localhost");
    expect((await line.call("holdfast/listProcesses", {})).processes).toEqual([
      {
        processId: "c",
        argv: ["localhost", String(far.port)],
        isArgvCut: false,
        isTerminal: false,
        startedAtMs: expect.any(Number),
        exitCode: null,
        isClosed: false,
      },
    ]);
    const signalled = await line.call("holdfast/signalProcess", { processId: "c", signal: "SIGTERM" });
    expect(signalled).toEqual({ delivered: false });
  });

  test("that is terminated in the moment in which its input ends is closed", async () => {
    await using far = await FarSide.listening((socket) => void socket.resume());
    await using line = await Line.ready();
    await open(line, "c", far.port);
    const ended = closeStdin(line, "c");
    await Promise.all([ended, line.call("process/terminate", { processId: "c" })]);
    await line.when(() => line.isClosed("c"));
    expect(exitOf(line, "c")).toBe(137);
  });

  test("goes on in the other direction when the far side sends no more", async () => {
    const received: Buffer[] = [];
    await using far = await FarSide.listening((socket) => {
      socket.on("data", (data) => received.push(data));
      socket.end("goodbye");
    });
    await using line = await Line.ready();
    await open(line, "c", far.port);
    await line.when(() => exitOf(line, "c") === 0);
    expect([line.text("c"), line.isClosed("c")]).toEqual(["goodbye", false]);
    expect(await write(line, "c", "1", "still here")).toEqual({ status: "accepted" });
    await until(() => Buffer.concat(received).toString() === "still here");
    await closeStdin(line, "c");
    await line.when(() => line.isClosed("c"));
  });

  test("goes on in the other direction when this side sends no more", async () => {
    await using far = await FarSide.listening((socket) => {
      socket.resume();
      socket.on("end", () => socket.end("after your end"));
    });
    await using line = await Line.ready();
    await open(line, "c", far.port);
    await write(line, "c", "1", "question");
    await closeStdin(line, "c");
    await line.when(() => line.isClosed("c"));
    expect([line.text("c"), exitOf(line, "c")]).toEqual(["after your end", 0]);
    expect(await write(line, "c", "2", "late")).toEqual({ status: "stdinClosed" });
  });

  test("carries every byte both ways, two hundred at once", async () => {
    await using far = await FarSide.listening(echo);
    await using line = await Line.ready();
    const ids = Array.from({ length: 200 }, (_, index) => `c${index}`);
    const contents = new Map(ids.map((id) => [id, randomBytes(40_000)]));
    await Promise.all(
      ids.map(async (id) => {
        await open(line, id, far.port);
        await write(line, id, "1", contents.get(id) ?? "");
        await closeStdin(line, id);
      }),
    );
    await line.when(() => ids.every((id) => line.isClosed(id)));
    for (const id of ids) {
      expect(bytesOf(line, id).equals(contents.get(id) ?? Buffer.of())).toBe(true);
      expect(exitOf(line, id)).toBe(0);
    }
  });

  test("holds the far sender back while its output is held, and loses nothing", async () => {
    const content = randomBytes(32 * MIB);
    await using far = await FarSide.listening((socket) => socket.end(content));
    await using line = await Line.ready();
    await open(line, "c", far.port);
    await line.call("holdfast/holdOutput", { processId: "c", held: true });
    await until(() => far.sockets.length === 1);
    const [sender] = far.sockets;
    expect(await line.run("other", ["echo", "other"])).toBe("other\n");
    // What the kernels take is far less than all of it.
    expect(sender?.writableLength).toBeGreaterThan(16 * MIB);
    await line.call("holdfast/holdOutput", { processId: "c", held: false });
    await closeStdin(line, "c");
    await line.when(() => line.isClosed("c"));
    expect(sha(bytesOf(line, "c"))).toBe(sha(content));
  });

  test("is not read while nobody is connected, and goes on where it was when the session is resumed", async () => {
    const content = randomBytes(16 * MIB);
    await using far = await FarSide.listening((socket) => socket.on("data", () => socket.end(content)));
    await using line = await Line.ready();
    await open(line, "c", far.port);
    await line.hangUp();
    const next = await Line.resume(line.executor, line.sessionId);
    await next.hangUp();
    const last = await Line.resume(line.executor, line.sessionId);
    await write(last, "c", "1", "send");
    await last.when(() => last.of("c").length > 3);
    await last.hangUp();
    const reader = await Line.resume(line.executor, line.sessionId);
    await closeStdin(reader, "c");
    const { chunks, nextSeq } = await reader.call("process/read", { processId: "c", afterSeq: last.seqs("c").at(-1) });
    await reader.when(() => reader.isClosed("c"));
    const read = chunks.map(({ chunk }: { chunk: string }) => Buffer.from(chunk, "base64"));
    const later = reader
      .of("c")
      .filter(({ method, params }) => method === "process/output" && Number(params.seq) >= nextSeq);
    const rest = later.map(({ params }) => Buffer.from(String(params.chunk), "base64"));
    expect(sha(Buffer.concat([bytesOf(last, "c"), ...read, ...rest]))).toBe(sha(content));
  });

  test("that breaks says why and exits with 1", async () => {
    await using far = await FarSide.listening();
    await using line = await Line.ready();
    await open(line, "c", far.port);
    await until(() => far.sockets.length === 1);
    far.sockets[0]?.resetAndDestroy();
    await line.when(() => line.isClosed("c"));
    expect([line.text("c"), exitOf(line, "c")]).toEqual(["Connection reset by peer (os error 104)\n", 1]);
  });

  test.each([
    ["open", () => {}, 137],
    ["half open", (socket: Socket) => socket.end(), 0],
  ])("that is %s is ended by a termination", async (_, serve, exitCode) => {
    await using far = await FarSide.listening(serve);
    await using line = await Line.ready();
    await open(line, "c", far.port);
    if (exitCode === 0) await line.when(() => exitOf(line, "c") === 0);
    expect(await line.call("process/terminate", { processId: "c" })).toEqual({ running: true });
    await line.when(() => line.isClosed("c"));
    expect(exitOf(line, "c")).toBe(exitCode);
    await until(() => far.sockets.every((socket) => socket.resume().readableEnded || socket.destroyed));
  });

  test("ends with its session", async () => {
    await using far = await FarSide.listening((socket) => socket.resume());
    const line = await Line.ready();
    await open(line, "c", far.port);
    await until(() => far.sockets.length === 1);
    await line.executor.close();
    await until(() => far.sockets.every((socket) => socket.readableEnded || socket.destroyed));
  });
});

describe("a connection that can't be", () => {
  test("is refused with the system's name for it, and its id is free again", async () => {
    const far = await FarSide.listening(echo);
    const { port } = far;
    await far[Symbol.asyncDispose]();
    await using line = await Line.ready();
    await expect(open(line, "c", port)).rejects.toMatchObject({
      code: INTERNAL_ERROR,
      message: `127.0.0.1 port ${port} can't be reached: Connection refused (os error 111)`,
      data: { holdfast: { code: "ECONNREFUSED", syscall: "connect" } },
    });
    await expect(open(line, "c", 1, "no-such-host.invalid")).rejects.toMatchObject({
      code: INTERNAL_ERROR,
      data: { holdfast: { code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/), syscall: "getaddrinfo" } },
    });
    expect(await line.run("c", ["echo", "free"])).toBe("free\n");
  });

  test("gives up after half a minute", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    // A network for documentation: nobody answers there, or the system says so at once.
    const failed = expect(open(line, "c", 9, "192.0.2.1")).rejects.toMatchObject({
      data: { holdfast: { code: expect.stringMatching(/^E(TIMEDOUT|NETUNREACH|HOSTUNREACH)$/) } },
    });
    await clock.advance(30_000);
    await failed;
  });

  test.each([
    ["127.0.0.1", 0],
    ["127.0.0.1", 65_536],
    ["127.0.0.1", -1],
    ["127.0.0.1", 1.5],
    ["127.0.0.1", "80"],
    ["", 80],
    ["a b", 80],
    ["a\0b", 80],
    ["http://a", 80],
    ["a/b", 80],
    ["-a", 80],
    ["/run/socket", 80],
    ["x".repeat(254), 80],
    [null, 80],
  ])("is refused before anything is opened: %j, %j", async (host, port) => {
    await using line = await Line.ready();
    await expect(line.call("holdfast/openConnection", { processId: "c", host, port })).rejects.toMatchObject({
      code: INVALID_PARAMS,
    });
  });

  test("is one more than 256, until one of them is closed", async () => {
    await using far = await FarSide.listening(echo);
    await using line = await Line.ready();
    const ids = Array.from({ length: 256 }, (_, index) => `c${index}`);
    await Promise.all(ids.map((id) => open(line, id, far.port)));
    await expect(open(line, "more", far.port)).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: "at most 256 connections may be open in one session",
    });
    await closeStdin(line, "c7");
    await line.when(() => line.isClosed("c7"));
    expect(await open(line, "more", far.port)).toEqual({});
    await expect(open(line, "c8", far.port)).rejects.toMatchObject({ code: INVALID_REQUEST });
  });
});

test("connections are a capability", async () => {
  await using line = await Line.ready();
  expect((await line.call("environment/info")).capabilities).toMatchObject({ holdfastConnections: true });
});
