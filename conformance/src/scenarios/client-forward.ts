import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { connect } from "@holdfast/exec-client";
import type { ClientScenario } from "../scenario.ts";

const AT_ONCE = 200;
const LARGE_BYTES = 4 << 20;

/** A server that answers with all it has heard, once it has heard the end. */
async function answering() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const heard: Buffer[] = [];
    socket.on("error", () => {});
    socket.on("data", (data) => heard.push(data));
    socket.on("end", () => socket.end(Buffer.concat(heard)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

async function answerTo(port: number, data: Uint8Array): Promise<Buffer> {
  const socket: Socket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true });
  const pieces: Buffer[] = [];
  socket.end(data);
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export const CLIENT_FORWARD: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.forward",
    sentence: `a port here leads to one there: every byte, the end of each direction by itself, ${AT_ONCE} connections at once`,
    requirements: ["output.notices", "write.accepted", "exit.close-last"],
    essential: false,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      using server = await answering();
      await using forwarding = await executor.forward(server.port);
      const large = randomBytes(LARGE_BYTES);
      assert.ok((await answerTo(forwarding.port, large)).equals(large), "what came back is not what was sent");
      const words = Array.from({ length: AT_ONCE }, (_, index) => `connection ${index}`);
      const answers = await Promise.all(words.map((word) => answerTo(forwarding.port, Buffer.from(word))));
      assert.deepEqual(answers.map(String), words);
    },
  },
  {
    direction: "client",
    id: "client.forward-reverse",
    sentence: `a port there leads to one here: every byte, the end of each direction by itself, ${AT_ONCE} connections at once`,
    requirements: ["output.notices", "write.accepted", "exit.close-last"],
    essential: false,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      using server = await answering();
      await using forwarding = await executor.forwardReverse(server.port);
      const large = randomBytes(LARGE_BYTES);
      assert.ok((await answerTo(forwarding.port, large)).equals(large), "what came back is not what was sent");
      const words = Array.from({ length: AT_ONCE }, (_, index) => `connection ${index}`);
      const answers = await Promise.all(words.map((word) => answerTo(forwarding.port, Buffer.from(word))));
      assert.deepEqual(answers.map(String), words);
      await assert.rejects(executor.forwardReverse(server.port, { port: forwarding.port }), { code: "EADDRINUSE" });
    },
  },
];
