import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { connect, type Forwarding } from "@holdfast/exec-client";
import { BadLine, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";

interface Far extends AsyncDisposable {
  readonly port: number;
  readonly sockets: Set<Socket>;
}

/** A server on the executor's machine. */
async function far(onSocket: (socket: Socket) => void): Promise<Far> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const echo = (socket: Socket): void => void socket.pipe(socket);

async function dial({ port }: Forwarding): Promise<Socket> {
  const socket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

async function bytesOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("a forwarded port", () => {
  test("carries bytes both ways, each direction with an end of its own", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    await using echoes = await far((socket) => {
      // Answers only once it has heard everything, as some protocols do.
      const heard: Buffer[] = [];
      socket.on("data", (chunk) => heard.push(chunk));
      socket.on("end", () => socket.end(Buffer.concat(heard)));
    });
    await using port = await executor.forward(echoes.port);
    const data = randomBytes(8 * 1024 * 1024);
    const socket = await dial(port);
    const answer = bytesOf(socket);
    socket.end(data);
    expect(digest(await answer)).toBe(digest(data));
    await until(() => port.connectionCount === 0);
  });

  test("ends at the far side first, while this side still sends", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const heard = Promise.withResolvers<string>();
    await using greeter = await far((socket) => {
      socket.end("bye");
      void bytesOf(socket).then((bytes) => heard.resolve(String(bytes)));
    });
    await using port = await executor.forward(greeter.port);
    const socket = await dial(port);
    expect(String(await bytesOf(socket))).toBe("bye");
    socket.end("late");
    expect(await heard.promise).toBe("late");
  });

  test("takes 200 connections at once", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    await using echoes = await far(echo);
    await using port = await executor.forward(echoes.port);
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

  test("that was given up before it listened is none", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const giveUp = new AbortController();
    const forwarding = executor.forward(1, { signal: giveUp.signal });
    giveUp.abort();
    await expect(forwarding).rejects.toMatchObject({ name: "AbortError" });
  });

  test("loses nothing when the line is lost in the middle", async () => {
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    await using executor = await connect(line.url);
    await using echoes = await far(echo);
    await using port = await executor.forward(echoes.port);
    const data = randomBytes(16 * 1024 * 1024);
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
    await once(socket, "end");
    expect(digest(Buffer.concat(chunks))).toBe(digest(data));
  });

  test("that leads nowhere resets who connects, and says why", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const closed = await far(echo);
    await closed[Symbol.asyncDispose]();
    const errors: unknown[] = [];
    await using port = await executor.forward(closed.port, { onError: (error) => errors.push(error) });
    const socket = connectTcp({ port: port.port, host: "127.0.0.1" });
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    await until(() => errors.length > 0);
    expect(errors).toMatchObject([
      { name: "ConnectionError", code: "ECONNREFUSED", host: "127.0.0.1", port: closed.port },
    ]);
    await expect(executor.processes.openConnection({ port: closed.port })).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
    await expect(executor.processes.openConnection({ port: 0 })).rejects.toMatchObject({
      name: "InvalidArgumentError",
    });
  });

  test("resets both ends when one of them is reset, and when it is closed", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    // It hears, says nothing, and ends when it has heard the end.
    await using silent = await far((socket) => socket.resume().once("end", () => socket.end()));
    const port = await executor.forward(silent.port);
    const first = await dial(port);
    await until(() => silent.sockets.size === 1);
    first.resetAndDestroy();
    await until(() => silent.sockets.size === 0);
    const second = await dial(port);
    second.on("error", () => {});
    await until(() => silent.sockets.size === 1);
    await port.close();
    await until(() => second.destroyed && silent.sockets.size === 0);
  });
});
