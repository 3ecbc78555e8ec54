import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { findUser, type SystemUser } from "../../src/platform/system-user.ts";
import { UserLookup } from "../../src/start/user-lookup.ts";

test("a directory of users that does not answer is asked one thing at a time, and is given up", async () => {
  const clock = new FakeClock();
  const asked: string[] = [];
  const stuck = Promise.withResolvers<SystemUser | undefined>();
  const users = new UserLookup((name) => {
    asked.push(name);
    return name === "far" ? stuck.promise : Promise.resolve(undefined);
  }, clock);
  const outcomes = ["far", "behind"].map((name) => users.find(name).catch((thrown: unknown) => thrown));
  await clock.advance(10_000);
  const late = { name: "UserFault", message: expect.stringContaining("did not answer within 10 s") };
  expect(await Promise.all(outcomes)).toMatchObject([late, late]);
  expect(asked).toEqual(["far"]);
  stuck.resolve(undefined);
  expect(await users.find("later")).toBeUndefined();
  // Nobody waited for the one in between any more.
  expect(asked).toEqual(["far", "later"]);
});

test("nothing is asked for a name that nobody can have", async () => {
  const users = new UserLookup(() => Promise.reject(new Error("was asked")), new FakeClock());
  await expect(users.find("n".repeat(257))).rejects.toThrow("at most 256 characters");
});

test("users are found side by side", async () => {
  const users = new UserLookup(findUser, new FakeClock());
  const found = await Promise.all(["root", "0", "nobody", "there-is-no-such-user"].map(users.find));
  expect(found.map((user) => user?.name)).toEqual(["root", "root", "nobody", undefined]);
});
