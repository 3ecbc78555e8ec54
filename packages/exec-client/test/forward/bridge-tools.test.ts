import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { BRIDGE_TOOLS, bridgeCommand, findToolScript } from "../../src/forward/bridge-tools.ts";
import { canRun } from "../support/can-run.ts";

const PRESENT: Readonly<Record<string, readonly string[]>> = {
  perl: ["perl", "-MIO::Socket::IP", "-e", "1"],
  python3: ["python3", "-c", "import socket"],
  node: ["node", "-e", "1"],
  socat: ["socat", "-V"],
  nc: ["sh", "-c", "nc -h 2>&1 | grep -q -e '-N[[:blank:]]*Shutdown'"],
  bash: ["bash", "-c", ":"],
};
/** They tell when the far side has ended, and go on with the other direction. */
const WHOLE = ["perl", "python3", "node"] as const;

async function far(serve: (socket: Socket) => void) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

function bridge(tool: (typeof BRIDGE_TOOLS)[number], port: number) {
  const [program = "", ...args] = bridgeCommand(tool, { host: "127.0.0.1", port });
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(program, args, { stdio: "pipe" });
  child.stdin.on("error", () => {});
  return child;
}

async function allOf(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

test("the first tool that works is found, and none where there is none", () => {
  const found = spawnSync("sh", ["-c", findToolScript(BRIDGE_TOOLS)], { encoding: "utf8" }).stdout.trim();
  expect([...BRIDGE_TOOLS, "none"]).toContain(found);
  const sh = spawnSync("sh", ["-c", "command -v sh"], { encoding: "utf8" }).stdout.trim();
  const nowhere = spawnSync(sh, ["-c", findToolScript(BRIDGE_TOOLS)], {
    encoding: "utf8",
    env: { PATH: "/nonexistent" },
  });
  expect([nowhere.status, nowhere.stdout, nowhere.stderr]).toEqual([0, "none\n", ""]);
});

describe.each(BRIDGE_TOOLS.map((tool) => [tool, canRun(PRESENT[tool] ?? [])] as const))("%s", (tool, isThere) => {
  test.skipIf(!isThere)("carries every byte from the far side, and ends with it", async () => {
    const content = randomBytes(3_000_000);
    using server = await far((socket) => socket.end(content));
    const child = bridge(tool, server.port);
    child.stdin.end();
    const [out] = await Promise.all([allOf(child.stdout), once(child, "close")]);
    expect([child.exitCode, out.equals(content)]).toEqual([0, true]);
  });

  test.skipIf(!isThere)("says why there is no connection", async () => {
    const child = bridge(tool, 1);
    child.stdin.end();
    const [said] = await Promise.all([allOf(child.stderr), once(child, "close")]);
    expect(child.exitCode).not.toBe(0);
    expect(said.toString()).toMatch(/refused/i);
  });
});

describe.each(WHOLE.map((tool) => [tool, canRun(PRESENT[tool] ?? [])] as const))("%s", (tool, isThere) => {
  test.skipIf(!isThere)("tells the far side of the end here, and goes on in the other direction", async () => {
    const content = randomBytes(3_000_000);
    using server = await far((socket) => void allOf(socket).then((heard) => socket.end(heard)));
    const child = bridge(tool, server.port);
    child.stdin.end(content);
    const [out, said] = await Promise.all([allOf(child.stdout), allOf(child.stderr), once(child, "close")]);
    expect([child.exitCode, out.equals(content), said.toString()]).toEqual([0, true, `end ${content.length}\n`]);
  });

  test.skipIf(!isThere)("says when the far side has ended, and still sends", async () => {
    const heard = Promise.withResolvers<string>();
    using server = await far((socket) => {
      socket.end("bye");
      void allOf(socket).then((all) => heard.resolve(String(all)));
    });
    const child = bridge(tool, server.port);
    const isOver = once(child, "exit");
    expect(String((await once(child.stderr, "data"))[0])).toBe("end 3\n");
    child.stdin.end("late");
    expect(await heard.promise).toBe("late");
    await isOver;
    expect(child.exitCode).toBe(0);
  });

  test.skipIf(!isThere)("breaks with the far side", async () => {
    using server = await far((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const child = bridge(tool, server.port);
    const isOver = once(child, "exit");
    child.stdin.write("x");
    await isOver;
    expect(child.exitCode).toBe(1);
    child.stdin.destroy();
  });
});
