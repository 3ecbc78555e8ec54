import assert from "node:assert/strict";
import { AFTER_TOOL } from "../obedient-model.ts";
import { after } from "../screen.ts";
import type { TuiCheck } from "../tui-check.ts";

export const COMMAND_PROMPT = "Would you like to run the following command?";

export const asked: TuiCheck = {
  id: "ask",
  sentence: "a command that has to be approved is asked about, and runs when it is",
  async run({ tui }) {
    await tui.say("ask echo asked-$((40+2))");
    await tui.see(after("ask echo asked", COMMAND_PROMPT), "the question");
    await tui.terminal.press("y");
    await tui.see(/└ asked-42/, "the output of the command");
    await tui.see(after("ask echo asked", AFTER_TOOL), "what the model says about it");
    await tui.turnEnd();
  },
};

export const decline: TuiCheck = {
  id: "decline",
  sentence: "a command that is refused does not run, and the turn ends",
  async run({ tui }) {
    await tui.say("ask echo never-$((40+2))");
    await tui.see(after("ask echo never", COMMAND_PROMPT), "the question");
    await tui.terminal.press("Escape");
    await tui.see(/You canceled the request to run echo never/, "the refusal");
    await tui.turnEnd();
    assert.doesNotMatch(await tui.text(), /never-42/);
  },
};

export const session: TuiCheck = {
  id: "session",
  sentence: "a command that is approved for good is not asked about again",
  async run({ tui }) {
    await tui.say("ask echo often-$((40+2))");
    const screen = await tui.see(after("ask echo often", "don't ask again"), "the question");
    await tui.terminal.press(/don't ask again[^\n]*\(p\)|don't ask again[^(]*\(p\)/.test(screen) ? "p" : "a");
    await tui.see(/└ often-42/, "the output of the command");
    await tui.turnEnd();
    await tui.say("ask echo often-$((40+2))");
    await tui.turnEnd();
    assert.equal((await tui.text()).split("└ often-42").length - 1, 2);
  },
};
