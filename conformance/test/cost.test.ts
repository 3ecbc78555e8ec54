import { describe, expect, test } from "vitest";
import { newGround } from "../src/cost/ground.ts";
import { MeasuredExecutor } from "../src/cost/measured-executor.ts";
import { randomRequest } from "../src/cost/random-request.ts";
import { runCost } from "../src/cost/run-cost.ts";
import { TurnMeter } from "../src/cost/turn-meter.ts";
import { seededRandom } from "../src/soak/random.ts";

async function holdsNothingUp(requests: number): Promise<void> {
  const told: string[] = [];
  const { asked, findings } = await runCost({ seed: 20_261_121, requests, confined: false }, (line) => told.push(line));
  expect(findings, told.join("\n")).toEqual([]);
  expect(asked).toBeGreaterThan(requests / 2);
}

const name = "none of %i requests of many kinds and sizes holds the event loop of an executor for long";
// Enough for each method to come once or twice, and a dozen times.
test.each([60])(name, { timeout: 120_000 }, holdsNothingUp);
test.each([300])(name, { timeout: 300_000, tags: "long" }, holdsNothingUp);

describe("a random request", () => {
  const ground = { folder: "/ground", origin: "http://127.0.0.1:1", processIds: ["a"] } as const;
  const requests = Array.from({ length: 500 }, (_, index) => randomRequest(seededRandom(index), ground));

  test("is the same for the same seed", () => {
    for (const index of [1, 7, 99]) expect(randomRequest(seededRandom(index), ground)).toEqual(requests[index]);
  });

  test("changes files below the ground only", () => {
    const changes = requests.filter(({ method }) => /^fs\/(?:write|create|remove|copy|open)/.test(method));
    const paths = changes.flatMap(({ params }) => [params.path, params.sourcePath, params.destinationPath]);
    const given = paths.filter((path) => typeof path === "string");
    expect(given.length).toBeGreaterThan(50);
    for (const path of given) {
      expect(path.startsWith("file:///ground/")).toBe(true);
      expect(path.split("/").some((name) => /^(?:\.|%2e){2}$/i.test(name))).toBe(false);
    }
  });
});

describe("the meter", () => {
  test("tells the longest turn apart from the sum of many", async () => {
    const meter = new TurnMeter();
    meter.start();
    for (let turn = 0; turn < 20; turn += 1) {
      spin(5);
      await new Promise((next) => setImmediate(next));
    }
    const { longestTurnMs, totalMs } = meter.stop();
    expect(totalMs).toBeGreaterThan(90);
    expect(longestTurnMs).toBeLessThan(totalMs / 2);
  });

  test("sees what a request costs the executor that is measured", async () => {
    await using ground = await newGround();
    await using executor = await MeasuredExecutor.start(ground.folder);
    expect(await executor.slowness()).toBeGreaterThanOrEqual(1);
    const idle = await executor.during(async () => {});
    expect(idle.longestTurnMs).toBeLessThanOrEqual(idle.totalMs);
  });
});

/** Use the processor for some milliseconds of it. */
function spin(ms: number): void {
  const used = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  const end = used() + ms;
  while (used() < end);
}
