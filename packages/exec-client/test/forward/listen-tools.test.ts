import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Readable, type Writable } from "node:stream";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { BridgePlace, BridgeTool } from "../../src/forward/bridge-tools.ts";
import { LISTEN_TOOLS, listenCommand } from "../../src/forward/listen-tools.ts";
import { canRun } from "../support/can-run.ts";

const TRIALS: Readonly<Record<string, readonly string[]>> = {
  perl: ["perl", "-MIO::Socket::IP", "-e", "1"],
  python3: ["python3", "-c", "import socket"],
  node: ["node", "-e", "1"],
};

/** A program that listens, with what it has said. */
class Listening implements AsyncDisposable {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<unknown>;
  stdout = "";
  stderr = "";

  constructor(tool: BridgeTool, place: BridgePlace, temporary: string) {
    const [program = "", ...args] = listenCommand(tool, place);
    const env = { ...process.env, TMPDIR: temporary };
    this.child = spawn(program, args, { stdio: "pipe", detached: true, env });
    this.ended = once(this.child, "close");
    this.child.stdin.on("error", () => {});
    this.child.stdout.on("data", (data) => (this.stdout += data));
    this.child.stderr.on("data", (data) => (this.stderr += data));
  }

  /** Where it listens and where connections wait, once it says so. */
  async ready(): Promise<{ readonly host: string; readonly port: number; readonly folder: string }> {
    await until(() => this.stdout.startsWith("ready ") && this.stdout.includes("\n"));
    const [, host = "", port = "", folder = ""] = /^ready (\S+) (\d+) (.+)\n/.exec(this.stdout) ?? [];
    return { host, port: Number(port), folder };
  }

  async said(line: string): Promise<void> {
    await until(() => this.stdout.split("\n").includes(line));
  }

  /** SIGKILL to all of it, as when a session ends. */
  kill(): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.kill();
    await this.ended;
  }
}

async function dial(
  to: { readonly port: number; readonly host?: string } | { readonly path: string },
): Promise<Socket> {
  const socket = connect({ ...to, allowHalfOpen: true });
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

async function allOf(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function codeOf(socket: Socket): Promise<unknown> {
  return await allOf(socket).then(
    (bytes) => bytes.length,
    (error: NodeJS.ErrnoException) => error.code,
  );
}

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const LOOPBACK = { host: "127.0.0.1", port: 0 };

describe.each(LISTEN_TOOLS.map((tool) => [tool, canRun(TRIALS[tool] ?? [])] as const))("%s", (tool, isThere) => {
  test.skipIf(!isThere)("joins who connects with who takes it, each direction with its end", async () => {
    await using folder = await tempDir();
    await using program = new Listening(tool, LOOPBACK, folder.path);
    const at = await program.ready();
    expect(at.host).toBe("127.0.0.1");
    expect(statSync(at.folder).mode & 0o777).toBe(0o700);
    const [there, back] = [randomBytes(3_000_000), randomBytes(2_000_000)];
    const outside = await dial(at);
    await program.said("new 1");
    const inside = await dial({ path: `${at.folder}/1` });
    inside.end(there);
    expect(sha(await allOf(outside))).toBe(sha(there));
    outside.end(back);
    expect(sha(await allOf(inside))).toBe(sha(back));
    await until(() => readdirSync(at.folder).length === 0);
  });

  test.skipIf(!isThere)("takes two hundred at once", async () => {
    await using folder = await tempDir();
    await using program = new Listening(tool, LOOPBACK, folder.path);
    const at = await program.ready();
    const outside = Array.from({ length: 200 }, async (_, index) => {
      const socket = await dial(at);
      socket.end(`connection ${index}`);
      return String(await allOf(socket));
    });
    const inside = Array.from({ length: 200 }, async (_, index) => {
      await program.said(`new ${index + 1}`);
      const socket = await dial({ path: `${at.folder}/${index + 1}` });
      socket.pipe(socket);
      await once(socket, "close");
    });
    const answers = await Promise.all(outside);
    await Promise.all(inside);
    expect(answers).toEqual(answers.map((_, index) => `connection ${index}`));
  });

  test.skipIf(!isThere)("holds who sends more than is read", async () => {
    await using folder = await tempDir();
    await using program = new Listening(tool, LOOPBACK, folder.path);
    const at = await program.ready();
    const outside = await dial(at);
    await program.said("new 1");
    const inside = await dial({ path: `${at.folder}/1` });
    inside.pause();
    const content = randomBytes(32_000_000);
    let sent = 0;
    function* pieces(): Generator<Buffer> {
      for (; sent < content.length; sent += 65_536) yield content.subarray(sent, sent + 65_536);
    }
    Readable.from(pieces()).pipe(outside);
    // It has stopped when nothing more went out for a while.
    let last = 0;
    await until(
      () => {
        const isStill = sent === last && last > 0;
        last = sent;
        return isStill;
      },
      { intervalMs: 300 },
    );
    expect(sent).toBeLessThan(24_000_000);
    expect(sha(await allOf(inside))).toBe(sha(content));
    inside.end();
  });

  test.skipIf(!isThere)("resets a connection when it is told to, taken or not", async () => {
    await using folder = await tempDir();
    await using program = new Listening(tool, LOOPBACK, folder.path);
    const at = await program.ready();
    const [first, second] = [await dial(at), await dial(at)];
    await program.said("new 1");
    await program.said("new 2");
    const inside = await dial({ path: `${at.folder}/1` });
    inside.write("half of it");
    expect(String((await once(first, "data"))[0])).toBe("half of it");
    program.child.stdin.write("reset 1\nreset 2\nreset 77\n");
    for (const number of [1, 2, 77]) await program.said(`gone ${number}`);
    expect([await codeOf(first), await codeOf(second)]).toEqual(["ECONNRESET", "ECONNRESET"]);
    inside.destroy();
  });

  test.skipIf(!isThere)("passes on a reset in both directions", async () => {
    await using folder = await tempDir();
    await using program = new Listening(tool, LOOPBACK, folder.path);
    const at = await program.ready();
    const outside = await dial(at);
    await program.said("new 1");
    const inside = await dial({ path: `${at.folder}/1` });
    inside.on("error", () => {});
    inside.write("x");
    await once(outside, "data");
    outside.resetAndDestroy();
    inside.resume();
    await once(inside, "end");
    inside.destroy();
  });

  test.skipIf(!isThere)("ends everybody when it is killed, by a reset where it can", async () => {
    await using folder = await tempDir();
    await using program = new Listening(tool, LOOPBACK, folder.path);
    const at = await program.ready();
    const [taken, waiting] = [await dial(at), await dial(at)];
    await program.said("new 1");
    await program.said("new 2");
    const inside = await dial({ path: `${at.folder}/1` });
    inside.on("error", () => {});
    inside.write("half of it");
    await once(taken, "data");
    program.kill();
    // Node has no way to ask for it before.
    const end = tool === "node" ? 0 : "ECONNRESET";
    expect([await codeOf(taken), await codeOf(waiting)]).toEqual([end, end]);
    inside.destroy();
  });

  test.skipIf(!isThere)("listens on a unix socket for one user alone, and leaves nothing behind", async () => {
    await using folder = await tempDir();
    const path = folder.join("there.sock");
    await using program = new Listening(tool, { path }, folder.path);
    const at = await program.ready();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const outside = await dial({ path });
    await program.said("new 1");
    const inside = await dial({ path: `${at.folder}/1` });
    inside.end("through");
    expect(String(await allOf(outside))).toBe("through");
    program.child.stdin.write("quit\n");
    await program.ended;
    expect([program.child.exitCode, existsSync(path), existsSync(at.folder)]).toEqual([0, false, false]);
    outside.destroy();
  });

  test.skipIf(!isThere)("ends with its input", async () => {
    await using folder = await tempDir();
    await using program = new Listening(tool, LOOPBACK, folder.path);
    const { folder: at } = await program.ready();
    program.child.stdin.end();
    await program.ended;
    expect([program.child.exitCode, existsSync(at)]).toEqual([0, false]);
  });

  test.skipIf(!isThere)("says by its name why it can't listen", async () => {
    await using folder = await tempDir();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const places: readonly (readonly [BridgePlace, string])[] = [
      [{ host: "127.0.0.1", port }, "EADDRINUSE"],
      [{ host: "203.0.113.7", port: 0 }, "EADDRNOTAVAIL"],
      [{ path: folder.join("no/such/folder.sock") }, "ENOENT"],
    ];
    for (const [place, code] of places) {
      await using program = new Listening(tool, place, folder.path);
      await program.ended;
      expect([program.child.exitCode, program.stdout]).toEqual([1, ""]);
      expect(program.stderr).toMatch(
        new RegExp(`^${tool === "node" && code === "ENOENT" ? "EACCES|ENOENT" : code} .+\n$`),
      );
    }
    server.close();
  });
});
