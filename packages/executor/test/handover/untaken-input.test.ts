import { closeSync, readSync } from "node:fs";
import { Socket } from "node:net";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { makePipe } from "../../src/platform/descriptors.ts";
import { UntakenInput } from "../../src/process/untaken-input.ts";

const LENGTH = 150_000;

function numbered(from: number): Buffer {
  return Buffer.from(Array.from({ length: LENGTH }, (_, n) => (from + n) % 251));
}

describe.runIf(process.platform === "linux")("what a pipe has not taken", () => {
  test("is the rest of the write that is half done and all that follow, to the byte", async () => {
    const [readEnd, writeEnd] = makePipe() ?? [-1, -1];
    const stream = new Socket({ fd: writeEnd, readable: false, writable: true });
    const untaken = new UntakenInput(stream);
    const pieces = [numbered(0), numbered(7), numbered(90)];
    for (const piece of pieces) {
      untaken.add(piece);
      stream.write(piece, () => untaken.shift());
    }
    const taken: Buffer[] = [];
    const read = (bytes: number) => {
      const buffer = Buffer.alloc(bytes);
      taken.push(buffer.subarray(0, readSync(readEnd, buffer)));
    };
    // Until the second write is the one that is half done.
    for (let n = 0; n < 40; n += 1) {
      read(4_096);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const rest = untaken.rest();
    expect(rest.length).toBe(2);
    stream.destroy();
    const inPipe = Buffer.alloc(1_048_576);
    for (let count = readSync(readEnd, inPipe); count > 0; count = readSync(readEnd, inPipe)) {
      taken.push(Buffer.from(inPipe.subarray(0, count)));
    }
    expect(Buffer.concat([...taken, ...rest]).equals(Buffer.concat(pieces))).toBe(true);
    closeSync(readEnd);
  });

  test("is nothing once everything went out", async () => {
    const [readEnd, writeEnd] = makePipe() ?? [-1, -1];
    const stream = new Socket({ fd: writeEnd, readable: false, writable: true });
    const untaken = new UntakenInput(stream);
    let isDone = false;
    untaken.add(Buffer.from("short"));
    stream.write("short", () => {
      untaken.shift();
      isDone = true;
    });
    await until(() => isDone);
    expect(untaken.rest()).toEqual([]);
    stream.destroy();
    closeSync(readEnd);
  });
});
