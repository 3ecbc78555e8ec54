import type { Base64Bytes, ProcessWriteParams, ProcessWriteResult } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { describe, expect, test } from "vitest";
import { UNANSWERED_WRITES_MAX_BYTES, WRITE_MAX_BYTES } from "../../src/limits.ts";
import { StdinWriter, type WriterOptions } from "../../src/process/stdin-writer.ts";

interface Asked {
  readonly writeId: string;
  readonly bytes: number;
  answer(result: ProcessWriteResult | Error): void;
}

/** A writer to an executor that answers when it is told to. */
function setUp(options?: WriterOptions) {
  const asked: Asked[] = [];
  const write = ({ writeId, chunk }: ProcessWriteParams): Promise<ProcessWriteResult> => {
    const { promise, resolve, reject } = Promise.withResolvers<ProcessWriteResult>();
    const bytes = (chunk as unknown as Base64Bytes).bytes.byteLength;
    asked.push({ writeId, bytes, answer: (result) => (result instanceof Error ? reject(result) : resolve(result)) });
    return promise;
  };
  const stub = { process: { write } } as unknown as Pick<ExecServerClient, "process">;
  return { writer: new StdinWriter("p", stub, options), asked };
}

const ACCEPTED: ProcessWriteResult = { status: "accepted" };

/** What is in the queue of the event loop has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("the writes of a process", () => {
  test("are on their way together up to a bound in bytes, in order, and the next goes when one is answered", async () => {
    const { writer, asked } = setUp();
    const blocks = UNANSWERED_WRITES_MAX_BYTES / WRITE_MAX_BYTES;
    const written = writer.write(new Uint8Array(UNANSWERED_WRITES_MAX_BYTES + 1));
    await turn();
    expect(asked.map(({ writeId }) => writeId)).toEqual(Array.from({ length: blocks }, (_, index) => `${index + 1}`));
    asked[0]?.answer(ACCEPTED);
    await turn();
    expect(asked.map(({ bytes }) => bytes)).toEqual([...Array.from({ length: blocks }, () => WRITE_MAX_BYTES), 1]);
    for (const each of asked) each.answer(ACCEPTED);
    await written;
  });

  test("go one by one to an executor that keeps no order, also those of one write", async () => {
    const { writer, asked } = setUp({ isOrdered: false });
    const written = Promise.all([writer.write(new Uint8Array(WRITE_MAX_BYTES + 1)), writer.write("a")]);
    for (const count of [1, 2, 3]) {
      await turn();
      expect(asked).toHaveLength(count);
      asked.at(-1)?.answer(ACCEPTED);
    }
    await written;
    expect(asked.map(({ bytes }) => bytes)).toEqual([WRITE_MAX_BYTES, 1, 1]);
  });

  test("may each be answered in its own time: one is done when all of its own are", async () => {
    const { writer, asked } = setUp();
    const done: string[] = [];
    const writes = ["a", "b"].map((text) => writer.write(text).then(() => done.push(text)));
    await turn();
    asked[1]?.answer(ACCEPTED);
    await turn();
    expect(done).toEqual(["b"]);
    asked[0]?.answer(ACCEPTED);
    await Promise.all(writes);
    expect(done).toEqual(["b", "a"]);
  });

  test("fail one by one: the rest of a failed one is not sent, and the next one is tried", async () => {
    const { writer, asked } = setUp();
    const large = writer.write(new Uint8Array(3 * UNANSWERED_WRITES_MAX_BYTES));
    const small = writer.write("next");
    await turn();
    const inFlight = asked.length;
    asked[0]?.answer({ status: "stdinClosed" });
    await expect(large).rejects.toThrow("stdin");
    await turn();
    expect(asked).toHaveLength(inFlight + 1);
    expect(asked.at(-1)?.bytes).toBe(4);
    for (const each of asked) each.answer(ACCEPTED);
    await small;
  });

  test("that are all answered or have failed leave nothing to wait for", async () => {
    const { writer, asked } = setUp();
    const failing = writer.write("a");
    let isSettled = false;
    const settled = writer.settled().then(() => {
      isSettled = true;
    });
    await turn();
    expect(isSettled).toBe(false);
    asked[0]?.answer(new Error("no"));
    await settled;
    await expect(failing).rejects.toThrow("no");
  });

  test("take a copy: their buffer can be used again at once", async () => {
    const { writer, asked } = setUp();
    const buffer = Buffer.from("first");
    const written = writer.write(buffer);
    buffer.fill(0);
    await turn();
    asked[0]?.answer(ACCEPTED);
    await written;
    expect(asked[0]?.bytes).toBe(5);
  });

  test("of nothing ask whether input is taken", async () => {
    const { writer, asked } = setUp();
    const probes = [writer.probe(), writer.probe()];
    await turn();
    asked[0]?.answer(ACCEPTED);
    asked[1]?.answer({ status: "stdinClosed" });
    expect(await Promise.all(probes)).toEqual([true, false]);
    expect(asked.map(({ bytes }) => bytes)).toEqual([0, 0]);
  });
});
