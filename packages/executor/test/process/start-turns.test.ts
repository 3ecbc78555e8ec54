import { describe, expect, test } from "vitest";
import { StartTurns } from "../../src/process/start-turns.ts";

/** Keeps the processor busy for longer than a turn gives. */
function busy(): void {
  const end = performance.now() + 5;
  while (performance.now() < end);
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("StartTurns", () => {
  test("runs at once while the turn has time", () => {
    expect(new StartTurns().run({}, () => "started")).toBe("started");
  });

  test("puts off what would take too long, keeps the order, and lets others have their turn", async () => {
    const turns = new StartTurns();
    const order: string[] = [];
    const owner = {};
    const starts = ["a", "b", "c"].map((name) =>
      turns.run(owner, () => {
        order.push(name);
        busy();
      }),
    );
    expect(order).toEqual(["a"]);
    await nextTurn();
    order.push("somebody else");
    await Promise.all(starts);
    expect(order).toEqual(["a", "b", "somebody else", "c"]);
  });

  test("takes from all owners in turns", async () => {
    const turns = new StartTurns();
    const order: string[] = [];
    const [one, other] = [{}, {}];
    const start = (owner: object, name: string) =>
      turns.run(owner, () => {
        order.push(name);
        busy();
      });
    await Promise.all([start(one, "1a"), start(one, "1b"), start(one, "1c"), start(other, "2a")]);
    expect(order).toEqual(["1a", "1b", "2a", "1c"]);
  });

  test("passes failures on, now and later, and goes on", async () => {
    const turns = new StartTurns();
    const fail = () => {
      throw new Error("no");
    };
    expect(() => turns.run({}, fail)).toThrow("no");
    void turns.run({}, busy);
    const late = turns.run({}, fail);
    const after = turns.run({}, () => "started");
    await expect(late).rejects.toThrow("no");
    expect(await after).toBe("started");
  });
});
