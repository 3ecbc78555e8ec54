import { readFile } from "node:fs/promises";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { killIfThere, running, untilGone } from "./alive.ts";
import { Line } from "./line.ts";

const INVALID_PARAMS = -32602;
const GRACE_MS = 5_000;

const started: number[] = [];
afterEach(() => {
  for (const pid of running(started.splice(0))) killIfThere(pid);
});

/** Start a script and learn the ids that it prints, each on a line. */
async function pidsOf(line: Line, script: string, count: number, more: object = {}): Promise<readonly number[]> {
  await line.start("p", ["sh", "-c", script], more);
  await line.when(() => line.text("p").split("\n").length > count);
  const pids = line.text("p").trim().split("\n").map(Number);
  started.push(...pids);
  expect(running(pids)).toEqual(pids);
  return pids;
}

function end(line: Line, graceMs = GRACE_MS): Promise<unknown> {
  return line.call("holdfast/endProcess", { processId: "p", graceMs });
}

/** Its own id, and that of a child in another session, whose streams are its own. */
const LEAVES = "echo $$; setsid sh -c 'echo $$; exec sleep 600 >/dev/null 2>&1' & ";

describe.skipIf(process.platform !== "linux")("the end of a process", () => {
  test("is asked for first: its input ends, and its group gets SIGTERM", async () => {
    await using line = await Line.ready();
    const script = "trap 'cat; echo done; exit 7' TERM; echo $$; while :; do sleep 0.02; done";
    await pidsOf(line, script, 1, { pipeStdin: true });
    await line.call("process/write", { processId: "p", writeId: "1", chunk: Buffer.from("rest\n").toString("base64") });
    expect(await end(line)).toEqual({ running: true });
    await line.when(() => line.isClosed("p"));
    // The shell tells of its child, which is of its group.
    expect(line.text("p").replace("Terminated\n", "")).toMatch(/^\d+\nrest\ndone\n$/);
    expect(line.of("p").find(({ method }) => method === "process/exited")?.params.exitCode).toBe(7);
  });

  test("is that of what left its group, which is asked as well, before it is told to be over", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const daemon = `trap 'echo clean >${folder.join("said")}; exit' TERM; echo $$; while :; do sleep 0.02; done >/dev/null 2>&1`;
    await line.start("p", ["sh", "-c", `echo $$; setsid sh -c "$0" & wait`, daemon]);
    await line.when(() => line.text("p").split("\n").length > 2);
    const both = line.text("p").trim().split("\n").map(Number);
    started.push(...both);
    expect(await end(line)).toEqual({ running: true });
    expect(running(both)).toEqual([]);
    expect(await readFile(folder.join("said"), "utf8")).toBe("clean\n");
  });

  test("comes by SIGKILL for whatever lives after the grace, in its group or not", async () => {
    await using line = await Line.ready();
    const stubborn = `trap '' TERM; echo $$; while :; do sleep 0.02; done >/dev/null 2>&1`;
    const script = `trap '' TERM; echo $$; sh -c "$0" & setsid sh -c "$0" & while :; do sleep 0.02; done`;
    await line.start("p", ["sh", "-c", script, stubborn]);
    await line.when(() => line.text("p").split("\n").length > 3);
    const pids = line.text("p").trim().split("\n").map(Number);
    started.push(...pids);
    expect(running(pids)).toHaveLength(3);
    expect(await end(line, 300)).toEqual({ running: true });
    expect(running(pids)).toEqual([]);
  });

  test("is asked for by nothing but SIGKILL without a grace", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const said = folder.join("said");
    const pids = await pidsOf(line, `trap 'echo asked >${said}' TERM; echo $$; while :; do sleep 0.02; done`, 1);
    expect(await end(line, 0)).toEqual({ running: true });
    await untilGone(pids);
    await expect(readFile(said)).rejects.toThrow("ENOENT");
  });

  test("is that of what it left, when it has ended by itself", async () => {
    await using line = await Line.ready();
    const script = `${LEAVES} sleep 0.05`;
    await line.start("p", ["sh", "-c", script]);
    await line.when(() => line.isClosed("p"));
    const [leader = 0, daemon = 0] = line.text("p").trim().split("\n").map(Number);
    started.push(daemon);
    expect(running([leader, daemon])).toEqual([daemon]);
    expect(await end(line)).toEqual({ running: false });
    expect(running([daemon])).toEqual([]);
    expect(await end(line), "once more").toEqual({ running: false });
  });

  test("of several at a time spares all others, of this session and of others", async () => {
    await using line = await Line.ready();
    await using other = await Line.ready({}, line.executor);
    const script = `${LEAVES} wait`;
    const [own, foreign] = await Promise.all([pidsOf(line, script, 2), pidsOf(other, script, 2)]);
    const ids = ["a", "b", "c", "d"];
    for (const id of ids) {
      await line.start(id, ["sh", "-c", script]);
      await line.when(() => line.text(id).split("\n").length > 2);
    }
    const doomed = ids.flatMap((id) => line.text(id).trim().split("\n").map(Number));
    started.push(...doomed);
    await Promise.all(ids.map((processId) => line.call("holdfast/endProcess", { processId, graceMs: GRACE_MS })));
    expect(running(doomed)).toEqual([]);
    expect(running([...own, ...foreign])).toHaveLength(4);
  });

  test("is the last that is known of it, if that is asked for: its id is free, and nothing of it can be read", async () => {
    await using line = await Line.ready();
    for (const [processId, forget] of [
      ["forgotten", true],
      ["kept", false],
    ] as const) {
      await line.start(processId, ["sleep", "600"]);
      expect(await line.call("holdfast/endProcess", { processId, graceMs: GRACE_MS, forget })).toEqual({
        running: true,
      });
      await line.when(() => line.isClosed(processId));
    }
    await expect(line.call("process/read", { processId: "forgotten" })).rejects.toThrow("unknown process id forgotten");
    expect(await line.call("process/read", { processId: "kept" })).toMatchObject({ closed: true });
    await expect(line.start("kept", ["true"])).rejects.toThrow("process kept already exists");
    await line.start("forgotten", ["true"]);
  });

  test("of one that is unknown is over, and a grace beyond the bound is refused", async () => {
    await using line = await Line.ready();
    expect(await line.call("holdfast/endProcess", { processId: "no", graceMs: 0 })).toEqual({ running: false });
    await expect(line.call("holdfast/endProcess", { processId: "no", graceMs: 30_001 })).rejects.toMatchObject({
      code: INVALID_PARAMS,
      message: expect.stringContaining("graceMs must be from 0 to 30000, not 30001"),
    });
  });
});

describe.skipIf(process.platform !== "linux")("a process that must not live long without its client", () => {
  const script = `${LEAVES} wait`;
  const limited = { holdfast: { maxDetachedMs: 2_000 } };

  test("ends with all that it started, and no other one does", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    const pids = await pidsOf(line, script, 2, limited);
    await line.start("other", ["sh", "-c", "echo $$; exec sleep 600"], { holdfast: { maxDetachedMs: 60_000 } });
    await line.start("unlimited", ["sh", "-c", "echo $$; exec sleep 600"]);
    await line.when(() => line.text("other") !== "" && line.text("unlimited") !== "");
    const others = [line.text("other"), line.text("unlimited")].map(Number);
    started.push(...others);
    await line.hangUp();
    await clock.advance(1_999);
    expect(running(pids)).toEqual(pids);
    await clock.advance(1);
    await untilGone(pids);
    expect(running(others)).toEqual(others);
  });

  test("lives on when its client is back in time, and has all of its time again after the next loss", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    const pids = await pidsOf(line, script, 2, limited);
    await line.hangUp();
    await clock.advance(1_999);
    await using again = await Line.resume(line.executor, line.sessionId);
    await clock.advance(10_000);
    expect(running(pids)).toEqual(pids);
    await again.hangUp();
    await clock.advance(1_999);
    expect(running(pids)).toEqual(pids);
    await clock.advance(1);
    await untilGone(pids);
  });

  test("leaves nothing behind, though it has ended by itself before", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    await line.start("p", ["sh", "-c", `${LEAVES} sleep 0.05`], limited);
    await line.when(() => line.isClosed("p"));
    const [, daemon = 0] = line.text("p").trim().split("\n").map(Number);
    started.push(daemon);
    await line.hangUp();
    await clock.advance(2_000);
    await untilGone([daemon]);
  });

  test("ends as well when its start was answered to nobody", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    line.start("p", ["sleep", "600"], { holdfast: { maxDetachedMs: 0 } }).catch(() => {});
    await line.hangUp();
    await clock.advance(0);
    await using again = await Line.resume(line.executor, line.sessionId);
    const isOver = async () => (await again.call("process/read", { processId: "p" })).exitCode === 137;
    await until(isOver);
  });
});
