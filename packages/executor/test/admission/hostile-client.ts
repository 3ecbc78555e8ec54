/**
 * A websocket client that wants to start a process, with nothing but the C library: `hostile-client.ts MODE PORT FILE`, with the
 * path of a unix socket in the place of PORT or not. The process would write FILE. Meant to be run confined.
 *
 * - `plain`: sends everything and reads the answer.
 * - `leaves`: sends everything and is gone.
 * - `in-flight`: sends everything, puts the socket into the queue of another one, where no process has it, and waits.
 * - `abandoned`: the same, but that socket goes into the queue too, and the process is gone: all of it lives on for a while.
 * - `undumpable`: nobody else may look at its descriptors.
 * - `heir`: a child has the socket, too.
 */

import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const [mode = "", port = "", file = ""] = process.argv.slice(2);

interface Koffi {
  load(path: null): { func(prototype: string): (...args: unknown[]) => number };
  address(value: unknown): bigint | number;
}
const koffi = createRequire(import.meta.url)("koffi") as Koffi;
const library = koffi.load(null);
const socket = library.func("int socket(int domain, int type, int protocol)");
const connect = library.func("int connect(int fd, const void *address, unsigned int size)");
const send = library.func("long send(int fd, const void *data, size_t length, int flags)");
const receive = library.func("long recv(int fd, void *data, size_t length, int flags)");
const close = library.func("int close(int fd)");
const socketpair = library.func("int socketpair(int domain, int type, int protocol, _Out_ int *sockets)");
const sendmsg = library.func("long sendmsg(int fd, const void *message, int flags)");
const prctl = library.func("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)");
const exitNow = library.func("void _exit(int code)");

const [AF_UNIX, AF_INET, SOCK_STREAM, SOL_SOCKET, SCM_RIGHTS, PR_SET_DUMPABLE] = [1, 2, 1, 1, 1, 4];

function connected(): number {
  if (port.startsWith("/")) {
    const fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const address = Buffer.alloc(110);
    address.writeUInt16LE(AF_UNIX, 0);
    address.write(port, 2);
    if (connect(fd, address, address.length) !== 0) throw new Error("cannot connect");
    return fd;
  }
  const fd = socket(AF_INET, SOCK_STREAM, 0);
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(Number(port), 2);
  address.set([127, 0, 0, 1], 4);
  if (connect(fd, address, address.length) !== 0) throw new Error("cannot connect");
  return fd;
}

function sendEverything(fd: number): void {
  const frame = (message: object): Buffer => {
    const text = Buffer.from(JSON.stringify(message));
    const length = text.length < 126 ? [0x80 | text.length] : [0xfe, text.length >> 8, text.length & 0xff];
    return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), text]);
  };
  const head =
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const start = { processId: "free", argv: ["/bin/sh", "-c", `: > '${file}'`], cwd: "file:///", env: {}, tty: false };
  const bytes = Buffer.concat([
    Buffer.from(head),
    frame({ id: 1, method: "initialize", params: { clientName: "hostile" } }),
    frame({ method: "initialized", params: {} }),
    frame({ id: 2, method: "process/start", params: start }),
  ]);
  send(fd, bytes, bytes.length, 0);
}

/** Put descriptors into the queue of a socket. */
function enqueue(into: number, fds: readonly number[]): void {
  const text = Buffer.from("x");
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(BigInt(koffi.address(text)), 0);
  vector.writeBigUInt64LE(1n, 8);
  const control = Buffer.alloc(16 + Math.ceil((4 * fds.length) / 8) * 8);
  control.writeBigUInt64LE(BigInt(16 + 4 * fds.length), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  for (const [index, fd] of fds.entries()) control.writeInt32LE(fd, 16 + 4 * index);
  const message = Buffer.alloc(56);
  message.writeBigUInt64LE(BigInt(koffi.address(vector)), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(BigInt(koffi.address(control)), 32);
  message.writeBigUInt64LE(BigInt(16 + 4 * fds.length), 40);
  if (sendmsg(into, message, 0) !== 1) throw new Error("cannot pass descriptors");
}

function say(fd: number): void {
  const answer = Buffer.alloc(4_096);
  const received = receive(fd, answer, answer.length, 0);
  process.stdout.write(`${answer.toString("latin1", 0, Math.max(0, received)).split("\r\n")[0]}\n`);
}

if (mode === "undumpable") prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
const fd = connected();
switch (mode) {
  case "leaves":
    sendEverything(fd);
    exitNow(0);
    break;
  case "heir":
    spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", fd] }).once("spawn", () => {
      sendEverything(fd);
      say(fd);
    });
    break;
  case "in-flight":
  case "abandoned": {
    const pair: [number, number] = [-1, -1];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    // Nobody else reads it, so that the socket is in a queue when the listener looks.
    enqueue(pair[0], mode === "abandoned" ? [fd, pair[0], pair[1]] : [fd]);
    sendEverything(fd);
    close(fd);
    if (mode === "abandoned") exitNow(0);
    process.stdout.write("waiting\n");
    setInterval(() => {}, 60_000);
    break;
  }
  default:
    sendEverything(fd);
    say(fd);
}
