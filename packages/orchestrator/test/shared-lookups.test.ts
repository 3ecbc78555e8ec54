import { describe, expect, test } from "vitest";
import { SharedLookups } from "../src/shared-lookups.ts";

/** A look-up that is over when it is told so. */
function looked() {
  const begun: PromiseWithResolvers<string>[] = [];
  const look = () => {
    const lookup = Promise.withResolvers<string>();
    begun.push(lookup);
    return lookup.promise;
  };
  return { begun, look };
}

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

describe("look-ups of the same thing", () => {
  test("that are asked for while one runs share the next one, and not the one that has begun", async () => {
    const lookups = new SharedLookups<string>();
    const { begun, look } = looked();
    const first = lookups.find("a", look);
    const second = lookups.find("a", look);
    const third = lookups.find("a", look);
    expect(begun).toHaveLength(1);
    begun[0]?.resolve("before");
    expect(await first).toBe("before");
    await turnOfTheLoop();
    expect(begun).toHaveLength(2);
    const fourth = lookups.find("a", look);
    begun[1]?.resolve("after");
    expect(await Promise.all([second, third])).toEqual(["after", "after"]);
    await turnOfTheLoop();
    begun[2]?.resolve("later");
    expect(await fourth).toBe("later");
    expect(begun).toHaveLength(3);
  });

  test("begin at once where none runs, each with what it finds", async () => {
    const lookups = new SharedLookups<string>();
    expect(await lookups.find("a", async () => "one")).toBe("one");
    expect(await lookups.find("a", async () => "two")).toBe("two");
  });

  test("go on after one that fails", async () => {
    const lookups = new SharedLookups<string>();
    const { begun, look } = looked();
    const first = lookups.find("a", look);
    const second = lookups.find("a", look);
    begun[0]?.reject(new Error("not now"));
    await expect(first).rejects.toThrow("not now");
    await turnOfTheLoop();
    begun[1]?.resolve("now");
    expect(await second).toBe("now");
  });

  test("of other things do not wait for each other", async () => {
    const lookups = new SharedLookups<string>();
    const { begun, look } = looked();
    void lookups.find("a", look);
    void lookups.find("b", look);
    expect(begun).toHaveLength(2);
  });
});
