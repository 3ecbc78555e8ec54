import { EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import { refusesResume } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { isSessionGone } from "../../src/errors.ts";
import { settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";

describe("whether what ran in a session runs on", () => {
  test("it does not after the executor has said that it ends: there is no second dial", async () => {
    await using line = await recoverable();
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.dialler.last.hangUp(EXECUTOR_SHUTDOWN.code, EXECUTOR_SHUTDOWN.reason);
    await settle();
    expect(line.states).toEqual(["failed"]);
    const error: unknown = await process.closed.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "LinkError", code: "closed" });
    expect(isSessionGone(error)).toBe(true);
    expect(line.dialler.dials).toBe(1);
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("it does not when the executor has forgotten the session", async () => {
    await using line = await recoverable(refusesResume(-32600));
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    await line.cut();
    expect(isSessionGone(await process.closed.catch((reason: unknown) => reason))).toBe(true);
    expect(isSessionGone(await line.executor.fs.readFile("/a").catch((reason: unknown) => reason))).toBe(true);
  });

  test.each([
    ["a line that broke and could not be had again", undefined, undefined],
    ["a far end that goes away for reasons of its own", EXECUTOR_SHUTDOWN.code, "reloading"],
  ])("it may after %s", async (_, code, reason) => {
    await using line = await recoverable({}, { recovery: { deadlineMs: 300 } });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.dialler.plans.push("nobody", "nobody", "nobody", "nobody", "nobody");
    line.dialler.last.hangUp(code, reason);
    await settle();
    await line.clock.advance(300);
    const error: unknown = await process.closed.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "LinkError", message: expect.stringContaining("ECONNREFUSED") });
    expect(isSessionGone(error)).toBe(false);
  });
});
