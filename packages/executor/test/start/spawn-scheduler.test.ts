import { describe, expect, test } from "vitest";
import { SpawnScheduler } from "../../src/start/spawn-scheduler.ts";

/** Keeps the processor busy for longer than a turn gives. */
function busy(): void {
  const end = performance.now() + 5;
  while (performance.now() < end);
}

function nextTurn() {
  return new Promise<void>((resolve) => setImmediate(resolve));
}

describe("SpawnScheduler", () => {
  test("runs at once while the turn has time", () => {
    expect(new SpawnScheduler().run({}, () => "started")).toBe("started");
  });

  test("puts off what would take too long, keeps the order, and lets others have their turn", async () => {
    const scheduler = new SpawnScheduler();
    const order: string[] = [];
    const owner = {};
    const starts = ["a", "b", "c"].map((name) =>
      scheduler.run(owner, () => {
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

  test("takes from all owners in scheduler", async () => {
    const scheduler = new SpawnScheduler();
    const order: string[] = [];
    const [one, other] = [{}, {}];
    const start = (owner: object, name: string) =>
      scheduler.run(owner, () => {
        order.push(name);
        busy();
      });
    await Promise.all([start(one, "1a"), start(one, "1b"), start(one, "1c"), start(other, "2a")]);
    expect(order).toEqual(["1a", "1b", "2a", "1c"]);
  });

  test("passes failures on, now and later, and goes on", async () => {
    const scheduler = new SpawnScheduler();
    const fail = () => {
      throw new Error("no");
    };
    expect(() => scheduler.run({}, fail)).toThrow("no");
    void scheduler.run({}, busy);
    const late = scheduler.run({}, fail);
    const after = scheduler.run({}, () => "started");
    await expect(late).rejects.toThrow("no");
    expect(await after).toBe("started");
  });
});
