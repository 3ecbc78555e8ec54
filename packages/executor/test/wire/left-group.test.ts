import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { killIfThere, running, untilGone } from "./alive.ts";
import { Line } from "./line.ts";

const TTL_MS = 1_000;
/** Each prints the id of a process that is in no group of its ancestors, and keeps no stream of them. */
const ESCAPES = {
  "called setsid": "setsid sh -c 'echo $$; exec sleep 600 >/dev/null 2>&1' & wait",
  "was forked twice": "(setsid sh -c 'echo $$; exec sleep 600 >/dev/null 2>&1' &); sleep 600",
  "ignores every signal it can": `setsid sh -c 'trap "" HUP INT TERM; echo $$; while :; do sleep 0.05; done >/dev/null 2>&1' & wait`,
};
const QUIET_ESCAPE = "setsid sh -c 'echo $$; exec sleep 600 >/dev/null 2>&1' & sleep 0.05";

const started: number[] = [];
afterEach(() => {
  for (const pid of running(started.splice(0))) killIfThere(pid);
});

/** Start it and learn whom it left behind. */
async function escapee(line: Line, processId: string, script: string, tty = false): Promise<number> {
  await line.start(processId, ["sh", "-c", script], { tty });
  await line.when(() => line.text(processId).includes("\n"));
  const pid = Number(line.text(processId));
  started.push(pid);
  expect(running([pid])).toEqual([pid]);
  return pid;
}

function isClosed(line: Line, processId: string) {
  return line.when(() => line.isClosed(processId));
}

describe.skipIf(process.platform !== "linux")("a descendant that left its group", () => {
  describe.each(Object.entries(ESCAPES))("because it %s", (_, script) => {
    test.each([
      ["pipes", false],
      ["a terminal", true],
    ])("ends when its session does, from behind %s", async (__, tty) => {
      const clock = new FakeClock();
      await using line = await Line.ready({ clock, limits: { detachedSessionTtlMs: TTL_MS } });
      await using other = await Line.ready({}, line.executor);
      const pid = await escapee(line, "p", script, tty);
      const foreign = await escapee(other, "p", script, tty);
      await line.hangUp();
      await clock.advance(TTL_MS - 1);
      expect(running([pid])).toEqual([pid]);
      await clock.advance(1);
      await untilGone([pid]);
      expect(running([foreign])).toEqual([foreign]);
    });

    test("ends when its process is terminated, and no other one's does", async () => {
      await using line = await Line.ready();
      const [pid, other] = [await escapee(line, "p", script), await escapee(line, "q", script)];
      expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
      await untilGone([pid]);
      await isClosed(line, "p");
      expect(running([other])).toEqual([other]);
      await line.call("process/terminate", { processId: "q" });
      await untilGone([other]);
    });
  });

  test("ends when that is asked for after its process ended, and so does the output that it holds", async () => {
    await using line = await Line.ready();
    const script = `sleep 600 & setsid sleep 600 & echo $!; exit 3`;
    const pid = await escapee(line, "p", script);
    await line.when(() => line.of("p").some(({ method }) => method === "process/exited"));
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: false });
    expect(running([pid])).toEqual([pid]);
    expect(await line.call("process/terminate", { processId: "p", includeDescendants: true })).toEqual({
      running: false,
    });
    await isClosed(line, "p");
    await untilGone([pid]);
  });

  test("lives on when its process ends by itself, and ends with the session though the process was forgotten", async () => {
    const clock = new FakeClock();
    const limits = { detachedSessionTtlMs: TTL_MS, closedRetentionMs: 10 };
    await using line = await Line.ready({ clock, limits });
    const pid = await escapee(line, "p", QUIET_ESCAPE);
    await isClosed(line, "p");
    await clock.advance(10);
    await expect(line.call("process/read", { processId: "p" })).rejects.toThrow("unknown process id p");
    // Its process is over: there is nothing to terminate.
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: false });
    expect(running([pid])).toEqual([pid]);
    await line.hangUp();
    await clock.advance(TTL_MS);
    await untilGone([pid]);
  });

  test("ends with the executor", async () => {
    await using line = await Line.ready();
    const pid = await escapee(line, "p", ESCAPES["called setsid"]);
    await line.executor.close();
    await untilGone([pid]);
  });

  test("does not get away by forking on from session to session", { timeout: 60_000 }, async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const steps = folder.join("steps");
    execFileSync("mkfifo", [steps]);
    const generations = stepsIn(steps);
    // Each one holds the pipe, so that its end tells that there is none: a look at all processes can miss them for ever.
    const wander = `printf . >&3; sleep 0.01; setsid sh -c "$0" "$0" >/dev/null 2>&1 &`;
    const script = `exec 3>${steps}; setsid sh -c "$0" "$0" & exec 3>&-; echo up; exec sleep 600`;
    await line.start("p", ["sh", "-c", script, wander]);
    await line.when(() => line.text("p") === "up\n");
    await until(() => generations.count > 3, { deadlineMs: 25_000 });
    expect(generations.areGone).toBe(false);
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    await isClosed(line, "p");
    await until(() => generations.areGone, { deadlineMs: 25_000 });
  });
});

/** What those who write into a named pipe do: one byte each, until nobody has it open any more. */
function stepsIn(path: string): { readonly count: number; readonly areGone: boolean } {
  const seen = { count: 0, areGone: false };
  createReadStream(path)
    .on("data", (data) => {
      seen.count += data.length;
    })
    .on("end", () => {
      seen.areGone = true;
    });
  return seen;
}
