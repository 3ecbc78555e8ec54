import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { PassThrough } from "node:stream";
import { mountSmallDisk, tempDir, until } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { type LineTarget, LineWriter, MAX_WAITING_CHARACTERS } from "../../src/serve/log/line-writer.ts";

const NO_DESCRIPTOR = -1;
const LINE = `${"x".repeat(1_023)}\n`;

const disk = mountSmallDisk(64);
const mounted = "path" in disk ? disk.path : undefined;

afterAll(() => {
  if ("path" in disk) disk.unmount();
});

/** Until there is no room. */
function fill(fd: number): void {
  try {
    for (;;) writeSync(fd, LINE);
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  }
}

function targetOf(stream: PassThrough, fd: number): LineTarget {
  return { stream: stream as never, fd };
}

function writerTo(stream: PassThrough): LineWriter {
  return new LineWriter(targetOf(stream, NO_DESCRIPTOR), (count) => `${count} dropped\n`);
}

describe("a log that nobody reads", () => {
  test("takes a bounded amount of memory, and says how much is missing where it goes on", async () => {
    const stream = new PassThrough({ highWaterMark: 1_024 });
    const writer = writerTo(stream);
    const lines = 4 * (MAX_WAITING_CHARACTERS / LINE.length);
    for (let index = 0; index < lines; index += 1) writer.write(LINE);
    expect(stream.writableLength).toBeLessThanOrEqual(MAX_WAITING_CHARACTERS);
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until(() => text.includes("dropped\n"));
    const kept = text.split(LINE).length - 1;
    expect(text).toBe(`${LINE.repeat(kept)}${lines - kept} dropped\n`);
    writer.write("after\n");
    await until(() => text.endsWith("dropped\nafter\n"));
  });

  test("whose reader is gone takes nothing at all", async () => {
    const stream = new PassThrough();
    const writer = writerTo(stream);
    stream.destroy(new Error("EPIPE"));
    await until(() => stream.closed);
    writer.write(LINE);
    expect(stream.writableLength).toBe(0);
  });
});

describe("a log in a file", () => {
  test("is there as soon as it is written", async () => {
    await using folder = await tempDir();
    const fd = openSync(folder.join("log"), "a");
    const writer = new LineWriter(targetOf(new PassThrough(), fd), String);
    writer.write("one\n");
    expect(readFileSync(folder.join("log"), "utf8")).toBe("one\n");
    ftruncateSync(fd);
    writer.write("two\n");
    expect(readFileSync(folder.join("log"), "utf8")).toBe("two\n");
    closeSync(fd);
  });

  test.skipIf(mounted === undefined)(
    `on a full disk loses records, says how many when there is room again, and leaves no half of one${"reason" in disk ? ` (skipped: ${disk.reason})` : ""}`,
    () => {
      const path = `${mounted}/log`;
      const fd = openSync(path, "a");
      const rest = openSync(`${mounted}/rest`, "a");
      const writer = new LineWriter(targetOf(new PassThrough(), fd), (count) => `${count} dropped\n`);
      fill(rest);
      for (let index = 0; index < 20; index += 1) writer.write(LINE);
      const kept = readFileSync(path, "utf8").split(LINE).length - 1;
      ftruncateSync(rest);
      writer.write("after\n");
      closeSync(fd);
      closeSync(rest);
      expect(readFileSync(path, "utf8").replace(/^x{1,1022}\n/m, "")).toBe(
        `${LINE.repeat(kept)}${20 - kept} dropped\nafter\n`,
      );
    },
  );
});
