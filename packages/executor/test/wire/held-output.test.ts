import { createHash, randomBytes } from "node:crypto";
import { access, writeFile } from "node:fs/promises";
import { FakeClock, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

const CONTENT_BYTES = 1_000_000;

function sha(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Prints the content when it is told to, far more than a pipe takes, and leaves marks before and behind. */
function printer(folder: TempDir): readonly string[] {
  return ["sh", "-c", `read _; : > ${folder.join("began")}; cat ${folder.join("content")}; : > ${folder.join("done")}`];
}

function outputOf(line: Line, processId: string): Buffer {
  return Buffer.concat(
    line
      .of(processId)
      .filter(({ method }) => method === "process/output")
      .map(({ params }) => Buffer.from(String(params.chunk), "base64")),
  );
}

/** A process that is held, and about to print. */
async function held(line: Line, folder: TempDir, more: object = {}): Promise<Buffer> {
  const content = randomBytes(CONTENT_BYTES);
  await writeFile(folder.join("content"), content);
  await line.start("p", printer(folder), { pipeStdin: true, ...more });
  await line.call("holdfast/holdOutput", { processId: "p", held: true });
  await line.call("process/write", { processId: "p", chunk: base64("go\n"), writeId: "1" });
  await until(() => exists(folder.join("began")));
  return content;
}

describe("a process whose output is held", () => {
  test("waits, while another one on the same connection prints", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const content = await held(line, folder);
    expect(await line.run("other", ["seq", "20000"])).toHaveLength(108_894);
    expect([line.of("p").length, await exists(folder.join("done"))]).toEqual([0, false]);
    const { chunks, exited } = await line.call("process/read", { processId: "p" });
    expect([chunks.length, exited]).toEqual([0, false]);
    expect(await line.call("holdfast/holdOutput", { processId: "p", held: false })).toEqual({});
    await line.when(() => line.isClosed("p"));
    expect(sha(outputOf(line, "p"))).toBe(sha(content));
  });

  test("waits on while nobody is connected, and goes on for the connection that resumes, with nothing lost", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const content = await held(line, folder);
    await line.hangUp();
    expect(await exists(folder.join("done"))).toBe(false);
    const next = await Line.resume(line.executor, line.sessionId);
    await next.when(() => next.isClosed("p"));
    expect([next.seqs("p")[0], sha(outputOf(next, "p"))]).toEqual([1, sha(content)]);
  });

  test("goes on without its client when that has not come back for a minute", async () => {
    await using folder = await tempDir();
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    await held(line, folder);
    await line.hangUp();
    await clock.advance(59_999);
    expect(await exists(folder.join("done"))).toBe(false);
    await clock.advance(1);
    await until(() => exists(folder.join("done")));
  });

  test("is not held twice: one release is enough, and a release of what is not held does nothing", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const content = await held(line, folder);
    await line.call("holdfast/holdOutput", { processId: "p", held: true });
    for (const _ of [1, 2]) await line.call("holdfast/holdOutput", { processId: "p", held: false });
    await line.when(() => line.isClosed("p"));
    expect(sha(outputOf(line, "p"))).toBe(sha(content));
  });

  test("is read to its end when it is terminated", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await held(line, folder);
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    await line.when(() => line.isClosed("p"));
    expect(await exists(folder.join("done"))).toBe(false);
  });

  test("that has exited is closed when it has been read", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "read _; echo hello"], { pipeStdin: true });
    await line.call("holdfast/holdOutput", { processId: "p", held: true });
    await line.call("process/write", { processId: "p", chunk: base64("go\n"), writeId: "1" });
    expect(await line.run("other", ["echo", "other"])).toBe("other\n");
    expect(line.isClosed("p")).toBe(false);
    await line.call("holdfast/holdOutput", { processId: "p", held: false });
    await line.when(() => line.isClosed("p"));
    expect([line.text("p"), line.seqs("p")]).toEqual(["hello\n", [1, 2, 3]]);
  });

  test("may run in a terminal", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "read _; seq 20000"], { tty: true });
    await line.call("holdfast/holdOutput", { processId: "p", held: true });
    await line.call("process/write", { processId: "p", chunk: base64("go\n"), writeId: "1" });
    expect(await line.run("other", ["echo", "other"])).toBe("other\n");
    await line.call("holdfast/holdOutput", { processId: "p", held: false });
    await line.when(() => line.isClosed("p"));
    expect(line.text("p")).toMatch(/\r\n20000\r\n$/);
  });

  test("is a capability, and must be known", async () => {
    await using line = await Line.ready();
    expect((await line.call("environment/info")).capabilities).toMatchObject({ holdfastOutputHold: true });
    await expect(line.call("holdfast/holdOutput", { processId: "none", held: true })).rejects.toMatchObject({
      code: -32600,
      message: "unknown process id none",
    });
    await expect(line.call("holdfast/holdOutput", { processId: "none" })).rejects.toMatchObject({ code: -32602 });
  });
});
