import { Gate, Holds } from "@holdfast/rpc";
import { describe, expect, test } from "vitest";

describe("holds", () => {
  const counted = () => {
    const changes: boolean[] = [];
    return { changes, holds: new Holds((isHeld) => void changes.push(isHeld)) };
  };

  test("hold from the first to the last, whatever the order of release", () => {
    const { changes, holds } = counted();
    const [a, b] = [holds.take(), holds.take()];
    a[Symbol.dispose]();
    expect([changes, holds.isHeld]).toEqual([[true], true]);
    b[Symbol.dispose]();
    expect([changes, holds.isHeld]).toEqual([[true, false], false]);
  });

  test("are released once, however often they are disposed of", () => {
    const { changes, holds } = counted();
    const [a, b] = [holds.take(), holds.take()];
    a[Symbol.dispose]();
    a[Symbol.dispose]();
    expect([changes, holds.isHeld]).toEqual([[true], true]);
    b[Symbol.dispose]();
    expect(changes).toEqual([true, false]);
  });

  test("that are closed let go for good: neither older nor later ones count", () => {
    const { changes, holds } = counted();
    const older = holds.take();
    holds.close();
    const later = holds.take();
    expect([changes, holds.isHeld]).toEqual([[true, false], false]);
    older[Symbol.dispose]();
    later[Symbol.dispose]();
    holds.close();
    expect([changes, holds.isHeld]).toEqual([[true, false], false]);
  });
});

test("a gate lets all go on that wait, and those who come later wait for the next time", async () => {
  const gate = new Gate();
  const passed: string[] = [];
  const wait = async (name: string) => {
    await gate.wait();
    passed.push(name);
  };
  const first = [wait("a"), wait("b")];
  gate.open();
  const later = wait("c");
  await Promise.all(first);
  expect(passed).toEqual(["a", "b"]);
  gate.open();
  gate.open();
  await later;
  expect(passed).toEqual(["a", "b", "c"]);
});
