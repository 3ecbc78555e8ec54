import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect, createServer } from "node:net";
import { leakGuard, programPath, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

const SOON = { deadlineMs: 30 };

describe("leakGuard", () => {
  test("is content when nothing is left", async () => {
    await using guard = leakGuard();
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const socket = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1").resume();
    await once(socket, "close");
    server.close();
    await guard.check();
  });

  test("names a server and a socket that are still open", async () => {
    const guard = leakGuard();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    await expect(guard.check(SOON)).rejects.toThrow(/1 TCPServerWrap.*socket:\[\d+\]/);
    server.close();
    await guard.check();
  });

  test("names a child that still runs", async () => {
    const guard = leakGuard();
    const child = spawn(process.execPath, [programPath("never-reads-stdin")], { stdio: "ignore" });
    await once(child, "spawn");
    await expect(guard.check(SOON)).rejects.toThrow(new RegExp(`child ${child.pid} .*never-reads-stdin`));
    child.kill("SIGKILL");
    await guard.check();
  });

  test("does not mind what was there before, nor plain files", async () => {
    await using dir = await tempDir();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const guard = leakGuard();
    const fd = openSync(dir.join("file"), "w");
    await guard.check(SOON);
    closeSync(fd);
    server.close();
  });
});
