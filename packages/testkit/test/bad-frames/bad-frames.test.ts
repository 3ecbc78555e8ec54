import {
  badFrames,
  dropFrames,
  duplicateFrames,
  type Frame,
  type FrameFaults,
  type FrameLine,
  type FrameLineReceiver,
  LateGeneration,
  reorderFrames,
} from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

/** A line without a far end. */
class BareLine implements FrameLine<"memory", string> {
  readonly transport = "memory";
  readonly peerName = "nobody";
  readonly queuedBytes = 3;
  readonly writable = true;
  readonly sent: string[] = [];
  readonly calls: string[] = [];
  receiver: FrameLineReceiver<string> | undefined;

  open(receiver: FrameLineReceiver<string>): void {
    this.receiver = receiver;
  }
  send(frame: string): void {
    this.sent.push(frame);
  }
  pause(): void {
    this.calls.push("pause");
  }
  resume(): void {
    this.calls.push("resume");
  }
  close(code: number, reason: string): void {
    this.calls.push(`close ${code} ${reason}`);
  }
  destroy(reason: string): void {
    this.calls.push(`destroy ${reason}`);
  }
}

function opened(line: FrameLine<"memory", string>): string[] {
  const got: string[] = [];
  line.open({
    frame: (frame: Frame) => void got.push(typeof frame === "string" ? frame : Buffer.from(frame).toString()),
    drained: () => void got.push("(drained)"),
    closed: (close) => void got.push(`(closed ${close})`),
  });
  return got;
}

/** What comes of the frames 1 to 5 in one direction. */
function through(faults: FrameFaults): string[] {
  const bare = new BareLine();
  const line = badFrames(bare, faults);
  const got = opened(line);
  for (const frame of ["1", "2", "3", "4", "5"]) {
    if (faults.outbound === undefined) bare.receiver?.frame(frame);
    else line.send(frame);
  }
  return faults.outbound === undefined ? got : bare.sent;
}

describe.each(["inbound", "outbound"] as const)("%s frames", (direction) => {
  const result = (fault: NonNullable<FrameFaults["inbound"]>): string => through({ [direction]: fault }).join("");

  test("come twice when they are duplicated", () => {
    expect(result(duplicateFrames((text) => text === "2"))).toBe("122345");
    expect(result(duplicateFrames())).toBe("1122334455");
  });

  test("never come when they are dropped, chosen by text or by place", () => {
    expect(result(dropFrames((text) => text === "4"))).toBe("1235");
    expect(result(dropFrames((_, place) => place % 2 === 1))).toBe("24");
  });

  test("come after so many later ones when they are reordered", () => {
    expect(result(reorderFrames((text) => text === "1", 2))).toBe("23145");
    expect(result(reorderFrames((text) => "12".includes(text), 1))).toBe("31245");
    expect(result(reorderFrames((text) => text === "4", 9))).toBe("1235");
  });
});

test("everything but frames is left as it is", () => {
  const bare = new BareLine();
  const line = badFrames(bare, {});
  const got = opened(line);
  bare.receiver?.frame(Buffer.from("bytes"));
  bare.receiver?.drained();
  bare.receiver?.closed("why");
  expect(got).toEqual(["bytes", "(drained)", "(closed why)"]);
  line.pause();
  line.resume();
  line.close(1000, "done");
  line.destroy("now");
  expect(bare.calls).toEqual(["pause", "resume", "close 1000 done", "destroy now"]);
  expect(line).toMatchObject({ transport: "memory", peerName: "nobody", queuedBytes: 3, writable: true });
});

test.each([
  ["own", ["a", "(closed gone)", "late"], ["b"]],
  ["newest", ["a", "(closed gone)"], ["b", "late"]],
] as const)("a frame of the first line can come after the second is up, on its %s line", (on, first, second) => {
  const late = new LateGeneration((text) => text === "late");
  const [old, next] = [new BareLine(), new BareLine()];
  const gotOld = opened(late.wrap(old));
  for (const frame of ["a", "late"]) old.receiver?.frame(frame);
  old.receiver?.closed("gone");
  const gotNext = opened(late.wrap(next));
  next.receiver?.frame("b");
  expect(late.heldCount).toBe(1);
  late.release(on);
  expect([gotOld, gotNext]).toEqual([first, second]);
  expect(late.heldCount).toBe(0);
});
