import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, stat } from "node:fs/promises";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { connect } from "@holdfast/exec-client";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../../support/cli.ts";
import { replaced } from "./replaced.ts";

/** A server on this machine that sends back what it hears. */
async function echo() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

async function dial(to: { readonly port: number } | { readonly path: string }): Promise<Socket> {
  const socket = connectTcp({ host: "127.0.0.1", allowHalfOpen: true, ...to });
  await once(socket, "connect");
  return socket;
}

async function bytesOf(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe.skipIf(process.platform !== "linux")(
  "what an executor listens on for its clients",
  { timeout: 60_000 },
  () => {
    test("goes to the next program: the port, what is on its way, and who comes and waits meanwhile", async () => {
      await using server = await serve();
      await using executor = await connect(server.url);
      using target = await echo();
      await using port = await executor.forwardReverse(target.port);
      const data = randomBytes(6_000_000);
      const socket = await dial(port);
      const answer = bytesOf(socket);
      socket.write(data.subarray(0, data.length / 2));
      await replaced(server);
      socket.end(data.subarray(data.length / 2));
      const later = await dial(port);
      later.end("later");
      expect(String(await bytesOf(later))).toBe("later");
      expect(sha(await answer)).toBe(sha(data));
      await replaced(server);
      const last = await dial(port);
      last.end("last");
      expect(String(await bytesOf(last))).toBe("last");
      await port.close();
      const refused = connectTcp({ host: "127.0.0.1", port: port.port });
      const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
      expect(error.code).toBe("ECONNREFUSED");
    });

    test("keeps connections that nobody has taken, over two programs, and the name of a socket", async () => {
      await using folder = await tempDir();
      await chmod(folder.path, 0o700);
      await using server = await serve();
      await using executor = await connect(server.url);
      const listener = await executor.processes.listen();
      const path = folder.join("there.sock");
      const named = await executor.processes.listen({ path });
      const [first, second] = [await dial({ port: listener.port ?? 0 }), await dial({ path })];
      first.write("first");
      second.write("second");
      await replaced(server);
      await replaced(server);
      for (const [each, word, socket] of [
        [listener, "first", first],
        [named, "second", second],
      ] as const) {
        const connection = await each.accept();
        const answer = bytesOf(socket);
        await connection.write("heard");
        await connection.closeStdin();
        expect(String(await answer)).toBe("heard");
        socket.end();
        let text = "";
        for await (const piece of connection.outputText) text += piece;
        expect(text).toBe(word);
      }
      await named.close();
      expect(await stat(path).catch(() => "gone")).toBe("gone");
      await until(async () => (await executor.processes.list()).every(({ isClosed }) => isClosed));
    });
  },
);
