import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Line } from "./line.ts";

const STARTS = 400;
const TTL_MS = 1_000;
const ids = Array.from({ length: STARTS }, (_, index) => `p${index}`);

/** Ids of the processes that run under this variable, found without the help of the executor. */
function running(variable: string): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
      const found = environment.find((entry) => entry.startsWith(`${variable}=`));
      return found === undefined ? [] : [found.slice(variable.length + 1)];
    } catch {
      return [];
    }
  });
}

/** Ask for many starts at once, and lose the line when the first are answered and most wait for their turn. */
async function lostWithStartsInFlight(detachedSessionTtlMs: number) {
  const variable = `HOLDFAST_${randomUUID().replaceAll("-", "")}`;
  const clock = new FakeClock();
  const line = await Line.ready({ clock, limits: { detachedSessionTtlMs } });
  let answered = 0;
  const starts = ids.map((id) =>
    line.start(id, ["sleep", "600"], { env: { PATH: "/usr/bin:/bin", [variable]: id } }).then(
      () => {
        answered += 1;
      },
      () => {},
    ),
  );
  await until(() => answered > 0, { intervalMs: 0 });
  const answeredAtCut = answered;
  await line.hangUp();
  await Promise.all(starts);
  return { line, clock, answeredAtCut, running: () => running(variable) };
}

describe.skipIf(process.platform !== "linux")("starts that were asked for when the line was lost", () => {
  test("belong to the session: they are found after a resume, each that runs", async () => {
    const { line, answeredAtCut, running } = await lostWithStartsInFlight(TTL_MS);
    await using _ = line;
    const next = await Line.resume(line.executor, line.sessionId);
    // An answer to a read waits for the start.
    const reads = await Promise.allSettled(ids.map((processId) => next.call("process/read", { processId })));
    const known = ids.filter((__, index) => reads[index]?.status === "fulfilled");
    expect(known.length).toBeGreaterThan(answeredAtCut);
    await until(() => running().length >= known.length, { deadlineMs: 25_000 });
    expect([...running()].sort()).toEqual([...known].sort());
    for (const processId of known) {
      expect(await next.call("process/terminate", { processId })).toEqual({ running: true });
    }
    await until(() => running().length === 0, { deadlineMs: 25_000 });
  });

  test("end with the session when nobody comes back", async () => {
    const { line, clock, running } = await lostWithStartsInFlight(TTL_MS);
    await using _ = line;
    await clock.advance(TTL_MS);
    // Those that still wait have their turns in the meantime.
    for (let turn = 0; turn < STARTS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await until(() => running().length === 0, { deadlineMs: 25_000 });
  });

  test("end with the session that does not wait at all", async () => {
    const { line, clock, answeredAtCut, running } = await lostWithStartsInFlight(0);
    await using _ = line;
    await clock.advance(0);
    expect(answeredAtCut).toBeLessThan(STARTS);
    for (let turn = 0; turn < STARTS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await until(() => running().length === 0, { deadlineMs: 25_000 });
  });
});
