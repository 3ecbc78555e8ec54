import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { ThreadMarks } from "../../../src/agent/marks/thread-marks.ts";

describe("the file of marks", () => {
  test("does not grow without an end", async () => {
    await using home = await tempDir();
    const marks = new ThreadMarks(home.path);
    for (let turn = 0; turn < 3_000; turn += 1) marks.turnEnded(`thread-${turn % 5}`, `turn-${turn}`);
    await marks.settled();
    for (let turn = 0; turn < 10; turn += 1) await marks.set("thread-0", { daybreakEnabled: turn % 2 === 0 });
    expect(statSync(join(home.path, "thread_marks.jsonl")).size).toBeLessThan(262_144);
    const anew = await new ThreadMarks(home.path).all();
    expect([...anew.keys()].sort()).toEqual([0, 1, 2, 3, 4].map((at) => `thread-${at}`));
    expect(anew.get("thread-4")?.readState?.firstUnread).toEqual({ type: "turn", turnId: "turn-4" });
  });

  test("is read past what was cut, and after another program has written to it", async () => {
    await using home = await tempDir();
    const file = join(home.path, "thread_marks.jsonl");
    const [one, other] = [new ThreadMarks(home.path), new ThreadMarks(home.path)];
    await one.set("a", { daybreakEnabled: true });
    appendFileSync(file, '{"id":"b","daybre\n7\n');
    await other.set("c", { git: null });
    expect([...(await one.all()).keys()].sort()).toEqual(["a", "c"]);
    await one.forget("a");
    expect([...(await other.all()).keys()]).toEqual(["c"]);
    expect(readFileSync(file, "utf8")).toMatch(/\{"id":"a"\}\n$/);
  });
});
