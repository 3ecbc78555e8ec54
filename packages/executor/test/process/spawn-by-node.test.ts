import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pipe, request, sh } from "./recording.ts";

// Where there is no prebuilt binding to the C library, as on another platform, Node starts the children.
vi.mock("../../src/platform/posix-spawn.ts", () => ({ canPosixSpawn: () => false, posixSpawn: () => "ENOSYS" }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-node-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a process started by Node's own means", () => {
  test("tells its output, its exit and its close in order", async () => {
    const run = await pipe(sh("echo out; echo err >&2; exit 3"));
    await run.closed;
    expect(run.text("stdout")).toBe("out\n");
    expect(run.text("stderr")).toBe("err\n");
    expect(run.exitCode).toBe(3);
    expect(run.order).toBe("output output exited closed");
  });

  test("takes input, and dies with its group", async () => {
    const run = await pipe(request(["cat"]), "pipe");
    await run.process.write("1", Buffer.from("x"));
    await run.when(() => run.text() === "x");
    expect(run.process.terminate()).toBe(true);
    await run.closed;
    expect(run.exitCode).toBe(137);
  });

  // The C library would have a shell read them.
  test.each([
    ["text without a first line", "echo hello\n"],
    ["nothing", ""],
    ["bytes", "\0\0\0\0hello"],
  ])("refuses a program that holds %s: the system runs no such thing", async (_, content) => {
    const program = join(folder, "program");
    writeFileSync(program, content, { mode: 0o755 });
    const fault = { name: "SpawnFault", message: "Exec format error (os error 8)", reason: "failed" };
    for (const spawn of [request([program]), request(["program"], { env: { PATH: `/nowhere:${folder}` } })]) {
      await expect((async () => pipe(spawn))()).rejects.toThrow(expect.objectContaining(fault));
    }
  });

  test.each([
    ["a missing program", request(["/nowhere/program"]), "No such file or directory (os error 2)"],
    ["a folder as program", request(["/usr"]), "Permission denied (os error 13)"],
    ["a file as folder", request(["true"], { cwd: Buffer.from("/etc/hostname") }), "Not a directory (os error 20)"],
    ["a NUL in an argument", request(["echo", "a\0b"]), "nul byte found in provided data"],
    ["an argument too long", request(["echo", "x".repeat(200_000)]), "Argument list too long (os error 7)"],
  ])("refuses %s with the reason", async (_, spawn, message) => {
    await expect((async () => pipe(spawn))()).rejects.toThrow(expect.objectContaining({ name: "SpawnFault", message }));
  });
});
