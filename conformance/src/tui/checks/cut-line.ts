import assert from "node:assert/strict";
import { type BadLine, until } from "@holdfast/testkit";
import { AFTER_TOOL, SLOW_LINES, slowLine } from "../obedient-model.ts";
import { after, below, COMMAND_RUNS } from "../screen.ts";
import type { TuiCheck } from "../tui-check.ts";
import { COMMAND_PROMPT } from "./approvals.ts";

const DEADLINE_MS = 45_000;
/** Milliseconds after which a key is pressed again that was not taken: what is open before a cut is asked anew after it. */
const AGAIN_MS = 2_000;

/** Milliseconds without a message after which all is said that a new connection begins with. */
const QUIET_MS = 500;

/** Cut it, and wait until there is another connection. */
async function cut(line: BadLine): Promise<void> {
  const before = line.connectionCount;
  line.cut();
  await until(() => line.connectionCount > before, { deadlineMs: DEADLINE_MS, what: "another connection" });
}

/** Wait until nothing is said on it. What is typed before that, it may give back instead of sending it. */
async function quiet(line: BadLine): Promise<void> {
  let bytes = -1;
  let sinceMs = 0;
  await until(
    () => {
      const now = line.bytesOf("up") + line.bytesOf("down");
      if (now !== bytes) sinceMs = performance.now();
      bytes = now;
      return performance.now() - sinceMs > QUIET_MS;
    },
    { deadlineMs: DEADLINE_MS, what: "a quiet line" },
  );
}

export const cutIdle: TuiCheck = {
  id: "cut-idle",
  sentence: "a line that is cut between two turns comes back unseen",
  async run({ tui, line }) {
    await cut(line);
    await quiet(line);
    await tui.insist("hello over another line", /• Echo: hello over another line/);
    await tui.turnEnd();
  },
};

export const cutText: TuiCheck = {
  id: "cut-text",
  sentence: "nothing of an answer is lost or doubled when the line is cut while it comes",
  async run({ tui, line }) {
    await tui.say("slow over a line that is cut");
    await tui.see(after("slow over a line that is cut", slowLine(3)), "streamed text");
    await cut(line);
    await tui.see(after("slow over a line that is cut", slowLine(SLOW_LINES)), "the end of the answer");
    await tui.turnEnd();
    const said = below("slow over a line that is cut", await tui.text()).match(/part \d+ of what is said slowly/g);
    assert.deepEqual(
      said,
      Array.from({ length: SLOW_LINES }, (_, index) => slowLine(index + 1)),
    );
  },
};

export const cutCommand: TuiCheck = {
  id: "cut-command",
  sentence: "a command goes on while the line is cut, and its output shows after it",
  async run({ tui, line }) {
    await tui.say("run sleep 3; echo cut-$((40+2))");
    await tui.see(after("run sleep 3", COMMAND_RUNS), "the running command");
    await cut(line);
    await tui.see(/└ cut-42/, "the output of the command");
    await tui.turnEnd();
  },
};

export const cutApproval: TuiCheck = {
  id: "cut-approval",
  sentence: "what is asked when the line is cut is asked again, and can be answered",
  async run({ tui, line }) {
    await tui.say("ask echo still-$((40+2))");
    await tui.see(after("ask echo still", COMMAND_PROMPT), "the question");
    await cut(line);
    let pressedMs = performance.now();
    await until(
      async () => {
        const screen = await tui.text();
        if (screen.includes("└ still-42")) return true;
        if (performance.now() - pressedMs < AGAIN_MS || !after("ask echo still", COMMAND_PROMPT)(screen)) return false;
        pressedMs = performance.now();
        await tui.terminal.press("y");
        return false;
      },
      { deadlineMs: DEADLINE_MS, intervalMs: 100, what: "the output of the approved command" },
    );
    await tui.turnEnd();
  },
};

export const restarted: TuiCheck = {
  id: "restart",
  sentence: "a server that is killed and started again has the thread, and the session goes on",
  async run({ tui, line, restart }) {
    await tui.say("hello before the restart");
    await tui.turnEnd();
    await restart();
    await until(() => line.openCount > 0, { deadlineMs: DEADLINE_MS, what: "another connection" });
    await quiet(line);
    await tui.insist("hello after the restart", /• Echo: hello after the restart/);
    await tui.turnEnd();
  },
};

export const cutExecutor: TuiCheck = {
  id: "cut-executor",
  sentence:
    "a command goes on while the line between the server and its executor is cut, and nothing of its output is lost",
  isElsewhere: true,
  async run({ tui, executorLine }) {
    await tui.say("run for i in 1 2 3 4 5 6; do printf %s- $i; sleep 0.5; done");
    await tui.see(after("run for i in", COMMAND_RUNS), "the running command");
    executorLine?.cut();
    await tui.see(after("run for i in", AFTER_TOOL), "what the model says about it");
    await tui.turnEnd();
    assert.ok(after("run for i in", "└ 1-2-3-4-5-6-")(await tui.text()), "its output is another one");
    await tui.say("run echo after-$((40+2))");
    await tui.see(/└ after-42/, "the output of the next command");
    await tui.turnEnd();
  },
};
