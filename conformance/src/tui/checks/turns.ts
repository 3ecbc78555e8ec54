import assert from "node:assert/strict";
import { endsIn } from "../codex-tui.ts";
import { AFTER_TOOL, SLOW_LINES, slowLine } from "../obedient-model.ts";
import { PLACE_VARIABLE } from "../placed.ts";
import { after, below, COMMAND_RUNS } from "../screen.ts";
import type { TuiCheck } from "../tui-check.ts";

export const plain: TuiCheck = {
  id: "plain",
  sentence: "what is said is answered, and the turn ends",
  async run({ tui }) {
    await tui.say("hello there");
    await tui.see(/• Echo: hello there/, "the answer");
    await tui.turnEnd();
  },
};

export const running: TuiCheck = {
  id: "run",
  sentence: "a command runs where the thread is placed, and its output shows",
  async run({ tui, place }) {
    await tui.say(`run echo ran-$((40+2))-$${PLACE_VARIABLE}`);
    await tui.see(/• Ran echo ran/, "the command");
    await tui.see(new RegExp(`└ ran-42-${place}`), "the output of the command");
    await tui.see(after("run echo ran", AFTER_TOOL), "what the model says about it");
    await tui.turnEnd();
  },
};

export const interrupt: TuiCheck = {
  id: "interrupt",
  sentence: "a turn that streams text is interrupted, and another one can follow",
  async run({ tui }) {
    await tui.say("slow until interrupted");
    await tui.see(after("slow until interrupted", slowLine(2)), "streamed text");
    await tui.terminal.press("Escape");
    await tui.see(after("slow until interrupted", "Conversation interrupted"), "the interruption");
    await tui.turnEnd();
    assert.ok(!after("slow until interrupted", slowLine(SLOW_LINES))(await tui.text()), "it was said to its end");
    await tui.say("hello after the interruption");
    await tui.see(/• Echo: hello after the interruption/, "the next answer");
    await tui.turnEnd();
  },
};

export const interruptCommand: TuiCheck = {
  id: "interrupt-command",
  sentence: "a turn is interrupted while a command runs, and another one can follow",
  async run({ tui }) {
    await tui.say("run echo begun; sleep 4; echo over");
    await tui.see(after("run echo begun", COMMAND_RUNS), "the running command");
    await tui.terminal.press("Escape");
    await tui.see(after("run echo begun", "Conversation interrupted"), "the interruption");
    await tui.turnEnd();
    await tui.say("hello after the command");
    await tui.see(/• Echo: hello after the command/, "the next answer");
    await tui.turnEnd();
  },
};

export const steer: TuiCheck = {
  id: "steer",
  sentence: "what is said during a turn is taken at once, in the same turn",
  async run({ tui }) {
    await tui.say("slow until steered");
    await tui.see(after("slow until steered", slowLine(2)), "streamed text");
    await tui.say("rather this");
    await tui.see(after("› rather this", "• Echo: rather this"), "the answer to what was said during the turn");
    await tui.turnEnd();
    assert.ok(!after("slow until steered", slowLine(SLOW_LINES))(await tui.text()), "it was said to its end");
    assert.equal(endsIn(below("› slow until steered", await tui.text())), 1);
  },
};
