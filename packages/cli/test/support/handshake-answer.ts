import { spawn } from "node:child_process";
import { once } from "node:events";

const HANDSHAKE =
  "GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n" +
  "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n";

/** A program for Node that makes a handshake and prints how it is answered. */
export function handshakeScript(url: string): string {
  return `
    const socket = require("node:net").connect(${new URL(url).port}, "127.0.0.1");
    socket.write("${HANDSHAKE}");
    socket.once("data", (answer) => { console.log(String(answer)); process.exit(0); });`;
}

/** What a user's handshake is answered with, in full, or as far as it comes in one piece. */
export async function answerTo(uid: number | undefined, url: string): Promise<string> {
  const client = spawn(process.execPath, ["-e", handshakeScript(url)], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let text = "";
  client.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(client, "close");
  return text;
}
