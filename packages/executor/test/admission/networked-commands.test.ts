import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { NetworkedCommands } from "../../src/admission/networked-commands.ts";

describe("confined commands with a network", () => {
  test("may act from their start until ten seconds after their end", async () => {
    const clock = new FakeClock();
    const commands = new NetworkedCommands(clock);
    expect(commands.mayAct).toBe(false);
    const end = commands.begin();
    await clock.advance(1e6);
    expect(commands.mayAct).toBe(true);
    end();
    await clock.advance(9_999);
    expect(commands.mayAct).toBe(true);
    await clock.advance(1);
    expect([commands.mayAct, clock.pendingTimers]).toEqual([false, 0]);
  });

  test("count once each, however often they end", async () => {
    const clock = new FakeClock();
    const commands = new NetworkedCommands(clock);
    const [first, second] = [commands.begin(), commands.begin()];
    first();
    first();
    await clock.advance(60_000);
    expect(commands.mayAct).toBe(true);
    second();
    await clock.advance(60_000);
    expect(commands.mayAct).toBe(false);
  });

  test("may act for as long after the last of them", async () => {
    const clock = new FakeClock();
    const commands = new NetworkedCommands(clock);
    commands.begin()();
    await clock.advance(8_000);
    commands.begin()();
    await clock.advance(9_000);
    expect(commands.mayAct).toBe(true);
    await clock.advance(1_000);
    expect([commands.mayAct, clock.pendingTimers]).toEqual([false, 0]);
  });
});
