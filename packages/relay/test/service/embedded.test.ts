import { openEmbeddedStores } from "@holdfast/relay/service";
import { systemClock } from "@holdfast/rpc";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { portsContract, registration } from "./ports-contract.ts";

portsContract("one process", async ({ now }) => {
  const dir = await tempDir();
  const stores = await openEmbeddedStores(dir.join("state"), { ...systemClock, now, wallNow: now });
  return {
    here: stores,
    there: stores,
    async [Symbol.asyncDispose]() {
      await stores[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
});

test("has its registrations and its secret again after a restart", async () => {
  await using dir = await tempDir();
  const first = await openEmbeddedStores(dir.join("state"));
  const made = registration("env-1");
  await first.registrations.put(made);
  const secret = Buffer.from(first.signingSecret);
  await first[Symbol.asyncDispose]();
  await using second = await openEmbeddedStores(dir.join("state"));
  expect(await second.registrations.get("env-1")).toEqual(made);
  expect(Buffer.from(second.signingSecret).equals(secret)).toBe(true);
});

test("does not share its folder with another relay", async () => {
  await using dir = await tempDir();
  await using _first = await openEmbeddedStores(dir.join("state"));
  await expect(openEmbeddedStores(dir.join("state"))).rejects.toThrow(/another relay uses it/);
});
