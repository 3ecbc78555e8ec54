import { FakeClock, isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ExecArguments } from "../../src/index.ts";
import { firstLook } from "./support/first-look.ts";
import { type Workshop, workshop } from "./support/machine.ts";

const CTRL_C = "\u0003";

/** A command that runs on, and that has said that it is ready. */
async function left(at: Workshop, cmd: string, args: Partial<ExecArguments> = {}): Promise<number> {
  const { sessionId, output } = await firstLook(at, { cmd, ...args });
  expect(output).toContain("ready");
  return sessionId ?? 0;
}

/** All output so far. */
function printed({ events }: Workshop): string {
  return Buffer.concat(events.flatMap((event) => (event.type === "output" ? [event.data] : []))).toString();
}

describe("write_stdin", () => {
  test("types into a terminal, and tells what came since the last look", async () => {
    await using at = await workshop();
    const sessionId = await left(at, 'stty -echo; echo ready; while read line; do echo "got $line"; done', {
      tty: true,
    });
    const answer = async (chars: string, text: string) => {
      const pause = at.exec.pauseWaits();
      const call = at.exec.write({ sessionId, chars });
      await until(() => printed(at).includes(text));
      pause[Symbol.dispose]();
      return await call;
    };
    expect((await answer("one\n", "got one\r\n")).output).toBe("got one\r\n");
    expect(await answer("two\n", "got two\r\n")).toMatchObject({ output: "got two\r\n", sessionId });
    const end = await at.exec.write({ sessionId, chars: "\u0004", yieldTimeMs: 10_000 });
    expect(end).toMatchObject({ exitCode: 0, sessionId: undefined });
    await expect(at.exec.write({ sessionId, chars: "x" })).rejects.toThrow(
      `write_stdin failed: Unknown process id ${sessionId}`,
    );
  });

  test("with nothing to write waits for the end, and tells it once", async () => {
    await using at = await workshop();
    const gate = at.folder.join("gate");
    const sessionId = await left(at, `echo ready; until [ -e ${gate} ]; do sleep 0.02; done; echo out; exit 7`);
    const waiting = at.exec.write({ sessionId });
    await at.executor.fs.writeTextFile(gate, "");
    expect(await waiting).toMatchObject({ exitCode: 7, output: "out\n", sessionId: undefined });
    await expect(at.exec.write({ sessionId })).rejects.toMatchObject({ code: "unknown-process" });
  });

  test("tells an end that came while nobody looked, with all that was printed by then", async () => {
    await using at = await workshop();
    const gate = at.folder.join("gate");
    const sessionId = await left(at, `echo ready; until [ -e ${gate} ]; do sleep 0.02; done; echo out`);
    await at.executor.fs.writeTextFile(gate, "");
    await until(() => at.exec.list()[0]?.exitCode === 0);
    expect(await at.exec.write({ sessionId, chars: "late" })).toMatchObject({ exitCode: 0, output: "out\n" });
  });

  test("interrupts a command without a terminal by ctrl-C, whose own exit code counts", async () => {
    await using at = await workshop();
    const trap = await left(at, "trap 'echo trapped; exit 42' INT; echo ready; while :; do sleep 0.05; done");
    expect(await at.exec.write({ sessionId: trap, chars: CTRL_C, yieldTimeMs: 10_000 })).toMatchObject({
      exitCode: 42,
      output: "trapped\n",
    });
    const plain = await left(at, "echo ready; exec sleep 1000");
    expect(await at.exec.write({ sessionId: plain, chars: CTRL_C, yieldTimeMs: 10_000 })).toMatchObject({
      exitCode: 130,
    });
    const deaf = await left(at, "trap '' INT; echo ready; while :; do sleep 0.05; done");
    expect(await at.exec.write({ sessionId: deaf, chars: CTRL_C })).toMatchObject({
      exitCode: undefined,
      sessionId: deaf,
    });
  });

  test("types ctrl-C into a terminal as any other key", async () => {
    await using at = await workshop();
    const trap = await left(at, "trap 'echo trapped; exit 42' INT; echo ready; while :; do sleep 0.05; done", {
      tty: true,
    });
    const { exitCode, output } = await at.exec.write({ sessionId: trap, chars: CTRL_C, yieldTimeMs: 10_000 });
    expect({ exitCode, output }).toEqual({ exitCode: 42, output: "^Ctrapped\r\n" });
  });

  test("writes nothing else to a command without a terminal", async () => {
    await using at = await workshop();
    const sessionId = await left(at, "echo ready; exec sleep 1000");
    const refusal =
      "write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open";
    for (const chars of ["hello\n", `${CTRL_C}${CTRL_C}`]) {
      await expect(at.exec.write({ sessionId, chars })).rejects.toThrow(refusal);
    }
    expect(at.exec.list()).toMatchObject([{ sessionId }]);
  });

  test("leaves the command running when it is given up", async () => {
    await using at = await workshop();
    const sessionId = await left(at, "echo ready; exec sleep 1000");
    const controller = new AbortController();
    const call = at.exec.write({ sessionId }, { signal: controller.signal });
    controller.abort(new Error("interrupted"));
    await expect(call).rejects.toThrow("interrupted");
    expect(at.exec.list()).toMatchObject([{ sessionId, exitCode: undefined }]);
  });

  test("tells two that look at once of the same end", async () => {
    await using at = await workshop();
    const gate = at.folder.join("gate");
    const sessionId = await left(at, `echo ready; until [ -e ${gate} ]; do sleep 0.02; done; exit 9`);
    const both = [at.exec.write({ sessionId }), at.exec.write({ sessionId })];
    await at.executor.fs.writeTextFile(gate, "");
    expect((await Promise.all(both)).map(({ exitCode }) => exitCode)).toEqual([9, 9]);
  });

  test("keeps a character whole that comes in two pieces, one for each look", async () => {
    await using at = await workshop();
    const gate = at.folder.join("gate");
    const cmd = `printf 'a\\342\\202'; until [ -e ${gate} ]; do sleep 0.02; done; printf '\\254b'`;
    const { sessionId = 0, output } = await firstLook(at, { cmd });
    expect(output).toBe("a");
    await at.executor.fs.writeTextFile(gate, "");
    expect((await at.exec.write({ sessionId })).output).toBe("€b");
  });
});

describe("the time that calls wait", () => {
  /** Milliseconds until the call answers. */
  async function waited(clock: FakeClock, call: Promise<unknown>): Promise<number> {
    let isDone = false;
    const begun = clock.now();
    call.then(
      () => {
        isDone = true;
      },
      () => {
        isDone = true;
      },
    );
    await until(() => clock.pendingTimers > 0);
    while (!isDone) await clock.advance(50);
    return clock.now() - begun;
  }

  test.each([
    [undefined, 10_000],
    [0, 250],
    [1_000, 1_000],
    [1_000_000, 30_000],
  ])("for a command that was to be waited for %j ms is %d ms", async (yieldTimeMs, expected) => {
    const clock = new FakeClock();
    await using at = await workshop({ clock });
    expect(await waited(clock, at.exec.exec({ cmd: "exec sleep 1000", yieldTimeMs }))).toBe(expected);
  });

  test.each([
    ["x", undefined, 350],
    ["x", 0, 350],
    ["x", 1_000_000, 30_100],
    ["", undefined, 5_000],
    ["", 0, 5_000],
    ["", 60_000, 60_000],
    ["", 1_000_000, 300_000],
  ])("for write_stdin of %j that was to wait %j ms is %d ms", async (chars, yieldTimeMs, expected) => {
    const clock = new FakeClock();
    await using at = await workshop({ clock });
    const call = at.exec.exec({ cmd: "exec sleep 1000", yieldTimeMs: 250, tty: true });
    await waited(clock, call);
    const { sessionId = 0 } = await call;
    const writing = at.exec.write({ sessionId, chars, yieldTimeMs });
    await until(() => chars === "" || at.events.some(({ type }) => type === "input"));
    expect(await waited(clock, writing)).toBe(expected);
  });

  test("stands still while a person is asked something", async () => {
    const clock = new FakeClock();
    await using at = await workshop({ clock });
    const call = at.exec.exec({ cmd: "exec sleep 1000", yieldTimeMs: 1_000 });
    await until(() => clock.pendingTimers > 0);
    await clock.advance(600);
    const pause = at.exec.pauseWaits();
    await clock.advance(100_000);
    expect(at.exec.list()).toHaveLength(1);
    pause[Symbol.dispose]();
    await clock.advance(399);
    let isDone = false;
    const done = call.then(() => {
      isDone = true;
    });
    await clock.advance(0);
    expect(isDone).toBe(false);
    await clock.advance(1);
    await done;
  });
});

describe("commands that are kept", () => {
  test("are 64: one more ends the one that was not used for longest, but none of the 8 that were used last", async () => {
    const clock = new FakeClock();
    await using at = await workshop({ clock, numbering: "counting" });
    const sleepers = Array.from({ length: 64 }, () =>
      at.exec.exec({ cmd: "echo $$; exec sleep 1000", yieldTimeMs: 250 }),
    );
    await until(() => clock.pendingTimers === 64);
    await until(() => at.events.filter(({ type }) => type === "output").length === 64);
    await clock.advance(250);
    const results = await Promise.all(sleepers);
    const pidOf = new Map(results.map(({ sessionId, output }) => [sessionId, Number(output)]));
    expect(at.exec.list().map(({ sessionId }) => sessionId)).toEqual(results.map(({ sessionId }) => sessionId));
    // Used last, and so protected.
    const polled = at.exec.write({ sessionId: 1_000, chars: "" });
    await until(() => clock.pendingTimers === 1);
    await clock.advance(5_000);
    await polled;
    const more = at.exec.exec({ cmd: "exec sleep 1000", yieldTimeMs: 250 });
    await until(() => clock.pendingTimers === 1);
    await clock.advance(250);
    await more;
    expect(at.exec.list()).toHaveLength(64);
    await expect(at.exec.write({ sessionId: 1_001 })).rejects.toThrow("write_stdin failed: Unknown process id 1001");
    await until(() => !isAlive(pidOf.get(1_001) ?? 0));
    expect(isAlive(pidOf.get(1_000) ?? 0)).toBe(true);
    expect(isAlive(pidOf.get(1_002) ?? 0)).toBe(true);
  });
});
