import { expect, test } from "vitest";
import { MemoryAuthorizations } from "../../src/service/embedded/memory-authorizations.ts";
import { countedAddress, RateLimit } from "../../src/service/rate-limit.ts";
import { FakeServiceClock, testKey } from "./test-relay.ts";

test("allows a burst, and then as much as comes back", () => {
  let now = 0;
  const limit = new RateLimit({ burst: 3, perSecond: 2 }, 10, () => now);
  expect([1, 2, 3, 4].map(() => limit.take("a"))).toEqual([true, true, true, false]);
  expect(limit.take("b")).toBe(true);
  now = 499;
  expect(limit.take("a")).toBe(false);
  now = 1_000;
  expect([1, 2, 3].map(() => limit.take("a"))).toEqual([true, true, false]);
  now = 1_000_000;
  expect([1, 2, 3, 4].map(() => limit.take("a"))).toEqual([true, true, true, false]);
});

test("counts a bounded number, and forgets who was quiet for longest", () => {
  const limit = new RateLimit({ burst: 1, perSecond: 0 }, 2, () => 0);
  expect([limit.take("a"), limit.take("b"), limit.take("a")]).toEqual([true, true, false]);
  expect(limit.take("c")).toBe(true);
  expect([limit.take("a"), limit.take("b")]).toEqual([false, true]);
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("counts %s as %s", (address, counted) => {
  expect(countedAddress(address)).toBe(counted);
});

test("keeps 10,000 authorizations at most, and those that were asked for last", async () => {
  const clock = new FakeServiceClock();
  const kept = new MemoryAuthorizations(10_000, clock);
  const authorization = {
    environmentId: "env-1",
    registrationId: "reg-1",
    harnessKey: testKey(),
    client: "a test",
    expiresAt: clock.wallNow() + 60_000,
  };
  for (let index = 0; index < 12_000; index += 1) await kept.issue(`${index}`, authorization);
  expect(kept.size).toBe(10_000);
  expect(await kept.consume("1999")).toBeUndefined();
  expect(await kept.consume("2000")).toBe(authorization);
  await clock.advance(60_000);
  await kept.issue("next", { ...authorization, expiresAt: clock.wallNow() + 60_000 });
  expect(kept.size).toBe(1);
});
