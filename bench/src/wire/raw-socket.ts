import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { FrameReader } from "./frame-reader.ts";

const READ_BYTES = 1 << 18;
const TEXT = 0x1;
const CONTINUATION = 0x0;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const FIN = 0x80;
const MASKED = 0x80;
const END_OF_HEAD = "\r\n\r\n";

export interface RawSocketEvents {
  /** A message; its memory is used again when the call returns. */
  message(payload: Buffer): void;
  closed(): void;
}

/**
 * The client's end of a websocket, as thin as it can be: one read buffer, no copies of messages that lie whole in it, and a
 * mask of zeros, so that nothing is spent on masking here.
 */
export class RawSocket {
  readonly #socket: Socket;
  #corked = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static connect(url: string, events: RawSocketEvents): Promise<RawSocket> {
    const { hostname, port, host } = new URL(url);
    return new Promise((resolve, reject) => {
      let upgraded = false;
      let head = "";
      const reader = new FrameReader({
        message: events.message,
        control: (opcode, payload) => {
          if (opcode === PING) raw.#send(PONG | FIN, Buffer.from(payload));
          if (opcode === CLOSE) socket.end();
        },
      });
      const receive = (bytes: Buffer): void => {
        if (upgraded) {
          reader.push(bytes);
          return;
        }
        head += bytes.toString("latin1");
        const end = head.indexOf(END_OF_HEAD);
        if (end < 0) return;
        if (!head.startsWith("HTTP/1.1 101")) {
          reject(new Error(`the handshake was answered with ${head.slice(0, head.indexOf("\r\n"))}`));
          socket.destroy();
          return;
        }
        upgraded = true;
        resolve(raw);
        reader.push(Buffer.from(head.slice(end + END_OF_HEAD.length), "latin1"));
      };
      const onread = {
        buffer: Buffer.allocUnsafe(READ_BYTES),
        callback: (bytes: number, buffer: Uint8Array) => {
          receive((buffer as Buffer).subarray(0, bytes));
          return true;
        },
      };
      const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
      const raw = new RawSocket(socket);
      socket.on("error", reject);
      socket.on("close", () => {
        reject(new Error("the peer closed the connection before the handshake was done"));
        events.closed();
      });
      socket.on("connect", () => {
        const key = randomBytes(16).toString("base64");
        const lines = [
          "GET / HTTP/1.1",
          `Host: ${host}`,
          "Upgrade: websocket",
          "Connection: Upgrade",
          `Sec-WebSocket-Key: ${key}`,
          "Sec-WebSocket-Version: 13",
        ];
        socket.write(`${lines.join("\r\n")}${END_OF_HEAD}`);
      });
    });
  }

  /** Send a text message, in fragments of at most `fragmentBytes` when given. */
  send(message: Buffer, fragmentBytes = Number.POSITIVE_INFINITY): void {
    for (let at = 0; at < message.length || at === 0; at += fragmentBytes) {
      const isLast = at + fragmentBytes >= message.length;
      const opcode = at === 0 ? TEXT : CONTINUATION;
      this.#send(opcode | (isLast ? FIN : 0), isLast ? message.subarray(at) : message.subarray(at, at + fragmentBytes));
      if (isLast) return;
    }
  }

  /** Bytes that wait in this process. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Stop reading; the kernel's buffers fill up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Without a farewell: a peer that is stuck never answers one. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** What is sent within one turn leaves together. */
  #send(first: number, payload: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(maskedHead(first, payload.length));
    this.#socket.write(payload);
  }
}

function maskedHead(first: number, payloadBytes: number): Buffer {
  const extended = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended + 4);
  head[0] = first;
  head[1] = MASKED | (extended === 0 ? payloadBytes : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(payloadBytes, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(payloadBytes), 2);
  return head;
}
