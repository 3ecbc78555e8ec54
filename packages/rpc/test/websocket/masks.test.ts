import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { until } from "@holdfast/testkit";
import { expect, test } from "vitest";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MASKED = 0x80;
/** Of a frame of a few bytes. */
const HEAD_BYTES = 2;
const MASK_BYTES = 4;

/** The bytes of the frames that a client sends to a host of this machine. */
async function sentTo(host: string, texts: readonly string[]): Promise<Buffer> {
  const server = createServer();
  let received = Buffer.alloc(0);
  server.on("upgrade", (request, socket) => {
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${GUID}`).digest("base64");
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`);
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  const port = await connectWebSocket(`ws://${host}:${(server.address() as AddressInfo).port}`);
  for (const text of texts) port.send(text);
  const wanted = texts.reduce((sum, text) => sum + HEAD_BYTES + MASK_BYTES + text.length, 0);
  await until(() => received.length >= wanted);
  port.destroy("the test is over");
  server.close();
  return received;
}

test("what stays on this machine has a mask of zeros, which costs neither end anything", async () => {
  const frame = await sentTo("127.0.0.1", ["hello"]);
  expect(frame[1]).toBe(MASKED | 5);
  expect(frame.subarray(HEAD_BYTES, HEAD_BYTES + MASK_BYTES)).toEqual(Buffer.alloc(MASK_BYTES));
  expect(frame.toString("latin1", HEAD_BYTES + MASK_BYTES)).toBe("hello");
});

test("what may pass other machines is masked, each frame anew", async () => {
  const texts = Array.from({ length: 8 }, () => "hello");
  const bytes = await sentTo("0.0.0.0", texts);
  const frameBytes = HEAD_BYTES + MASK_BYTES + 5;
  const masks = texts.map((_, index) =>
    bytes.toString("hex", index * frameBytes + HEAD_BYTES).slice(0, 2 * MASK_BYTES),
  );
  expect(new Set(masks).size).toBeGreaterThan(1);
  expect(bytes.includes("hello")).toBe(false);
});
