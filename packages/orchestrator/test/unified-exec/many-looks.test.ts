import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { ExecError } from "../../src/index.ts";
import { firstLook } from "./support/first-look.ts";
import { type Workshop, workshop } from "./support/machine.ts";

const CTRL_C = "\u0003";

/** Prints numbered lines with pauses in between, and takes no notice of interrupts, which are looks that need not wait long. */
function script(lines: number): string {
  return `trap '' INT; for i in $(seq 1 ${lines}); do echo "line $i é"; sleep 0.0$((i % 5)); done; exit 7`;
}

function printed(lines: number): string {
  return Array.from({ length: lines }, (_, index) => `line ${index + 1} é\n`).join("");
}

/** All that is told of one command, over as many looks as it takes; some of which are given up. */
async function watched(at: Workshop, lines: number): Promise<string> {
  let { sessionId, output, exitCode } = await firstLook(at, { cmd: script(lines) });
  for (let look = 0; sessionId !== undefined; look += 1) {
    const signal = look % 3 === 1 ? AbortSignal.timeout(20) : undefined;
    try {
      const result = await at.exec.write({ sessionId, chars: CTRL_C }, { signal });
      output += result.output;
      ({ sessionId, exitCode } = result);
    } catch (error) {
      if (error instanceof ExecError) throw error;
    }
  }
  expect(exitCode).toBe(7);
  return output;
}

describe("many commands that are looked at many times", () => {
  test("lose no output and double none, and each has one end", async () => {
    await using at = await workshop();
    const counts = Array.from({ length: 24 }, (_, index) => 5 + 3 * index);
    const outputs = await Promise.all(counts.map((lines) => watched(at, lines)));
    expect(outputs).toEqual(counts.map(printed));
    expect(at.exec.list()).toEqual([]);
    const ends = () => at.events.filter(({ type }) => type === "end");
    await until(() => ends().length === counts.length);
    const whole = new Map(ends().map((event) => [event.callId, event.type === "end" ? event.aggregatedOutput : ""]));
    expect([...whole.values()].toSorted()).toEqual(counts.map(printed).toSorted());
  });

  test("that are started and given up at once leave nothing behind", async () => {
    await using at = await workshop();
    const calls = Array.from({ length: 40 }, async (_, index) => {
      const controller = new AbortController();
      const call = at.exec.exec({ cmd: "exec sleep 1000" }, { signal: controller.signal });
      setTimeout(() => controller.abort(new Error("given up")), index);
      await expect(call).rejects.toThrow();
    });
    await Promise.all(calls);
    await at.exec.close();
    expect(at.exec.list()).toEqual([]);
    await until(async () => (await at.executor.processes.list()).every(({ isClosed }) => isClosed));
    const begun = at.events.filter(({ type }) => type === "begin").length;
    await until(() => at.events.filter(({ type }) => type === "end").length === begun);
  });

  test("that are being started when all are ended are ended as well", async () => {
    await using at = await workshop();
    const calls = Array.from({ length: 20 }, () => at.exec.exec({ cmd: "exec sleep 1000" }));
    const failed = calls.map((call) => expect(call).rejects.toMatchObject({ code: "closed" }));
    await until(() => at.events.length >= calls.length);
    await at.exec.close();
    await Promise.all(failed);
    expect(at.events.filter(({ type }) => type === "end")).toHaveLength(calls.length);
    // Those that took longer than is waited for are ended when they have started.
    await until(async () => (await at.executor.processes.list()).every(({ isClosed }) => isClosed));
  });
});
