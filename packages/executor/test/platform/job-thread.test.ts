import { FakeClock } from "@holdfast/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { JobThread } from "../../src/platform/job-thread.ts";

/** Answers with what it is asked; "never" keeps it busy for good, "end" ends it. */
const ECHO = `
import { parentPort } from "node:worker_threads";
parentPort.on("message", (asked) => {
  if (asked === "never") for (;;);
  if (asked === "end") process.exit(0);
  parentPort.postMessage(asked);
});
`;

function thread(clock = new FakeClock(), program = ECHO): JobThread<string, string> {
  const tooLong = (asked: string) => new Error(`${asked} took too long`);
  const made = new JobThread<string, string>({
    program: () => program,
    memoryMb: 64,
    patienceMs: () => 1_000,
    idleMs: 10_000,
    tooLong,
    delay: clock,
  });
  onTestFinished(() => made.close(new Error("the test is over")));
  return made;
}

describe("a thread for jobs", () => {
  test("does them in order, and goes on after one that never ends or ends it", async () => {
    const clock = new FakeClock();
    const jobs = thread(clock);
    expect(await Promise.all(["a", "b"].map((asked) => jobs.run(asked)))).toEqual(["a", "b"]);
    const never = jobs.run("never").catch((reason: Error) => reason.message);
    const behind = jobs.run("behind");
    expect(jobs.waitingCount).toBe(1);
    await clock.advance(1_000);
    expect(await never).toBe("never took too long");
    expect(await behind).toBe("behind");
    await expect(jobs.run("end")).rejects.toThrow("the thread has ended");
    expect(await jobs.run("after")).toBe("after");
  });

  test("rejects what runs and what waits when it is closed", async () => {
    const jobs = thread();
    const outcomes = Promise.allSettled([jobs.run("never"), jobs.run("behind")]);
    jobs.close(new Error("closed"));
    expect(await outcomes).toEqual(
      new Array(2).fill({ status: "rejected", reason: expect.objectContaining({ message: "closed" }) }),
    );
  });

  test("takes an answer that came while the event loop was held up beyond its time", async () => {
    const clock = new FakeClock();
    const jobs = thread(clock);
    await jobs.run("warm");
    const asked = jobs.run("late");
    // The answer comes, and nothing takes it.
    const until = performance.now() + 200;
    while (performance.now() < until);
    void clock.advance(1_000);
    expect(await asked).toBe("late");
  });
});
