import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { encodeFrame, NO_PAYLOAD } from "../../src/confined-files/frames.ts";
import { HelperProcess } from "../../src/confined-files/helper-process.ts";
import type { Child } from "../../src/process/index.ts";

class FakeChild implements Child {
  readonly pid = 0;
  kills = 0;
  abandoned = 0;
  readonly written: Buffer[] = [];
  write(data: Buffer, written: () => void): void {
    this.written.push(data);
    written();
  }
  pauseOutput(): void {}
  resumeOutput(): void {}
  readonly commandPid = undefined;
  endInput(): void {}
  signal(): boolean {
    return true;
  }
  kill(): void {
    this.kills += 1;
  }
  abandonOutput(): void {
    this.abandoned += 1;
  }
  handOver = () => ({ kind: "connection", untaken: [0, 0], hasExited: false }) as const;
}

function setUp() {
  const clock = new FakeClock();
  const child = new FakeChild();
  let endings = 0;
  const helper = new HelperProcess(clock, () => {
    endings += 1;
  });
  helper.adopt(child);
  const says = (json: unknown, payload = NO_PAYLOAD) =>
    helper.events.output("stdout", Buffer.concat([...encodeFrame({ json, payload })]));
  return { clock, child, helper, says, endings: () => endings };
}

function canonicalize(helper: HelperProcess) {
  return helper.call("canonicalize", { path: "/" });
}

const ANSWER = { id: 1, status: "ok", operation: "canonicalize", answers: { path: "/" } };

function fault(message: string | RegExp) {
  return expect.objectContaining({
    name: "HelperFault",
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
}

describe("a file helper", () => {
  test("answers calls in any order", async () => {
    const { helper, says } = setUp();
    const [one, two] = [canonicalize(helper), helper.call("readFile", { path: "/f", followSymlinks: true })];
    says({ id: 2, status: "ok", operation: "readFile", answers: {} }, Buffer.from("content"));
    says({ id: 1, status: "error", kind: "not-found", message: "gone" });
    await expect(one).rejects.toThrow(
      expect.objectContaining({ name: "FileSystemFault", kind: "not-found", message: "gone" }),
    );
    expect((await two).payload.toString()).toBe("content");
  });

  test.each([
    ["no object", 7],
    ["no id", { status: "ok", operation: "canonicalize", answers: {} }],
    ["a question nobody asked", { ...ANSWER, id: 9 }],
    ["no answers", { id: 1, status: "ok", operation: "canonicalize" }],
    ["an unknown kind of fault", { id: 1, status: "error", kind: "worse", message: "" }],
    ["an unknown status", { id: 1, status: "maybe" }],
  ])("that answers with %s is ended, and everything that waits fails", async (_, json) => {
    const { helper, child, says, endings } = setUp();
    const [one, two] = [canonicalize(helper), canonicalize(helper)];
    says(json);
    const garbled = fault(/^failed to encode or decode fs sandbox helper message: /);
    await expect(one).rejects.toThrow(garbled);
    await expect(two).rejects.toThrow(garbled);
    await expect(canonicalize(helper)).rejects.toThrow(garbled);
    expect([child.kills, endings(), helper.isServing]).toEqual([1, 1, false]);
    // What it says afterwards is nobody's business.
    says(ANSWER);
  });

  test("that answers another question than it was asked fails that one only", async () => {
    const { helper, says } = setUp();
    const [one, two] = [canonicalize(helper), canonicalize(helper)];
    says({ ...ANSWER, operation: "readFile" });
    says({ ...ANSWER, id: 2 });
    await expect(one).rejects.toThrow(
      fault("unexpected fs sandbox helper response: expected canonicalize, got readFile"),
    );
    expect((await two).answers).toEqual({ path: "/" });
  });

  test("may answer at length only where content was asked for", async () => {
    const header = Buffer.from([0x10, 0, 0, 0, 0, 0, 0, 2]);
    const one = setUp();
    const asked = canonicalize(one.helper);
    one.helper.events.output("stdout", header);
    await expect(asked).rejects.toThrow(fault(/longer than/));
    const two = setUp();
    const reading = two.helper.call("readFile", { path: "/f", followSymlinks: true });
    two.helper.events.output("stdout", header);
    expect(two.helper.isServing).toBe(true);
    two.helper.end("over");
    await expect(reading).rejects.toThrow(fault("over"));
  });

  test("that exits tells its code and what it said last, within bounds", async () => {
    const { helper, endings } = setUp();
    const asked = canonicalize(helper);
    helper.events.output("stderr", Buffer.from(" no way \n"));
    helper.events.exited(3);
    await expect(asked).rejects.toThrow(fault("fs sandbox helper failed with status exit status: 3: no way"));
    expect(endings()).toBe(1);
    const loud = setUp();
    const asking = canonicalize(loud.helper);
    for (let count = 0; count < 100; count += 1) loud.helper.events.output("stderr", Buffer.alloc(1_000, "x"));
    loud.helper.events.exited(1);
    const { message } = await asking.then(
      () => new Error("answered"),
      (thrown: Error) => thrown,
    );
    expect(message.length).toBeLessThan(4_200);
  });

  test("that was ended before it ran is killed when it does", async () => {
    const child = new FakeChild();
    const helper = new HelperProcess(new FakeClock(), () => {});
    await expect(canonicalize(helper)).rejects.toThrow(fault(/starting/));
    helper.end("over");
    helper.adopt(child);
    expect(child.kills).toBe(1);
  });

  test("whose streams outlive it is let go of", async () => {
    const { clock, child, helper } = setUp();
    helper.end("over");
    helper.end("again");
    await clock.advance(2_000);
    expect([child.kills, child.abandoned]).toEqual([1, 1]);
  });
});
