import { constants, openSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { OutgoingBytes } from "../../src/platform/handed-bytes.ts";
import { InputQueue } from "../../src/process/input-queue.ts";
import { OutputLog } from "../../src/process/output-log.ts";
import { RingFile } from "../../src/spool/ring-file.ts";
import { newInput } from "../process/new-input.ts";
import { handed, throughText } from "./in-memory.ts";

const RETENTION = { maxRetainedBytes: 100, maxRetainedChunks: 100 };

describe("the output of a process, in the next program", () => {
  test("has its numbers, streams and bytes, and goes on behind them", () => {
    const before = new OutputLog(RETENTION);
    before.append("stdout", Buffer.from("one"));
    before.append("stderr", Buffer.from([0xff, 0x00]));
    before.takeSeq();
    before.append("pty", Buffer.alloc(0));
    const bytes = new OutgoingBytes();
    bytes.put(Buffer.from("something of another part"));
    const state = throughText(before.handOver(bytes));
    const after = new OutputLog(RETENTION);
    after.adopt(state, handed(bytes));
    expect(after.read(0, undefined)).toEqual(before.read(0, undefined));
    expect(after.retainedBytes).toBe(before.retainedBytes);
    expect(after.append("stdout", Buffer.from("two")).seq).toBe(5);
  });

  test("falls out of what is kept by the same bounds as before", () => {
    const before = new OutputLog(RETENTION);
    for (let n = 0; n < 3; n++) before.append("stdout", Buffer.alloc(30, n));
    const bytes = new OutgoingBytes();
    const after = new OutputLog(RETENTION);
    after.adopt(throughText(before.handOver(bytes)), handed(bytes));
    after.append("stdout", Buffer.alloc(30, 3));
    expect(after.read(0, undefined).chunks.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });

  test("is read from its spool as well, and spooled behind what is there", async () => {
    await using folder = await tempDir();
    const { O_CREAT, O_RDWR } = constants;
    const options = {
      maxBytes: 10_000,
      open: () => openSync(folder.join("ring"), O_CREAT | O_RDWR),
      onFailure: () => {},
    };
    const before = new RingFile(options);
    const chunks = [1, 2, 3].map((seq) => ({ seq, stream: "stdout" as const, data: Buffer.alloc(10, seq) }));
    await before.write(chunks.slice(0, 2));
    const state = throughText(before.handOver());
    const after = new RingFile(options, state);
    await after.write(chunks.slice(2));
    expect([...(await after.read(0)), ...(await after.read(2))]).toEqual(chunks);
    after.dispose();
  });

  test("is not spooled where nothing could be kept before", () => {
    const options = { maxBytes: 100, open: () => -1, onFailure: () => {} };
    const before = new RingFile(options);
    expect(new RingFile(options, throughText(before.handOver())).isOn).toBe(true);
    before.dispose();
    expect(new RingFile(options, throughText(before.handOver())).isOn).toBe(false);
  });
});

describe("the input of a process, in the next program", () => {
  function queue() {
    const { input, inputBudget } = newInput({ maxRememberedWriteIds: 100, maxQueuedInputBytes: 10 });
    const written: string[] = [];
    const pending: (() => void)[] = [];
    const write = (data: Buffer, done: () => void) => {
      written.push(String(data));
      pending.push(done);
    };
    const made = new InputQueue(input, inputBudget, { write, end: () => written.push("end") });
    return { made, written, takeOne: () => pending.shift()?.() };
  }

  function next(before: InputQueue, untaken: string, isEndTold = false) {
    const bytes = new OutgoingBytes();
    const { waiting, ...state } = throughText(before.handOver(bytes));
    const after = queue();
    after.made.adopt(state, Buffer.concat([Buffer.from(untaken), handed(bytes).get(waiting)]), { isEndTold });
    return after;
  }

  test("goes on with what the child has not taken, and then with what waited, which is accepted by that", () => {
    const { made } = queue();
    expect(made.push("a", Buffer.from("0123456789"))).toBe("accepted");
    void made.push("b", Buffer.from("waits"));
    const after = next(made, "789");
    expect(after.written).toEqual(["789waits"]);
    expect(after.made.push("a", Buffer.from("0123456789"))).toBe("accepted");
    expect(after.made.push("b", Buffer.from("waits"))).toBe("accepted");
    expect(after.written, "nothing is written twice").toEqual(["789waits"]);
  });

  test("ends behind all of it, where its end was asked for before", () => {
    const { made } = queue();
    expect(made.push("a", Buffer.from("0123456789"))).toBe("accepted");
    made.end();
    const after = next(made, "6789");
    expect(after.written).toEqual(["6789"]);
    expect(after.made.push("c", Buffer.from("x"))).toBe("ended");
    after.takeOne();
    expect(after.written).toEqual(["6789", "end"]);
  });

  test("is ended once more where the end may not have come through, and not where it is a character", () => {
    const { made } = queue();
    made.end();
    expect(next(made, "").written).toEqual(["end"]);
    expect(next(made, "", true).written).toEqual([]);
  });

  test("stays broken", () => {
    const { made } = queue();
    made.break();
    expect(next(made, "").made.push("a", Buffer.from("x"))).toBe("broken");
  });
});
