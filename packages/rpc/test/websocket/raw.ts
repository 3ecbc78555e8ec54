import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A TCP connection to a listener's URL. */
export async function rawConnect(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  return socket;
}

/** Send text and collect everything until the far end closes. */
export async function exchange(url: string, request: string): Promise<string> {
  const socket = await rawConnect(url);
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write(request);
  await once(socket, "close");
  return text;
}

/** The head of a valid handshake. */
export function handshake(path = "/", headers: readonly string[] = [], method = "GET"): string {
  return [
    `${method} ${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "",
    "",
  ].join("\r\n");
}

/** A connection that has been upgraded, with nothing between the test and the bytes. */
export async function rawUpgraded(url: string): Promise<Socket> {
  const socket = await rawConnect(url);
  socket.on("error", () => {});
  socket.write(handshake());
  await new Promise<void>((resolve) => {
    const onData = (chunk: Buffer): void => {
      if (!chunk.includes("\r\n\r\n")) return;
      socket.removeListener("data", onData);
      resolve();
    };
    socket.on("data", onData);
  });
  return socket;
}

/** The head of a client's frame, masked with zeros. */
export function frameHead(opcode: number, length: number, fin = true): Buffer {
  const first = (fin ? 0x80 : 0) | opcode;
  if (length < 126) return Buffer.from([first, 0x80 | length, 0, 0, 0, 0]);
  const head = Buffer.alloc(length < 65_536 ? 8 : 14);
  head[0] = first;
  head[1] = 0x80 | (length < 65_536 ? 126 : 127);
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Reads the first close frame out of a server's bytes. */
export function closeFrameOf(bytes: Buffer): { code: number; reason: string } | undefined {
  const at = bytes.indexOf(0x88);
  if (at === -1 || bytes.length < at + 4) return undefined;
  const length = bytes[at + 1] ?? 0;
  return { code: bytes.readUInt16BE(at + 2), reason: bytes.toString("utf8", at + 4, at + 2 + length) };
}
