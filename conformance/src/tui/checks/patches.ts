import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AFTER_TOOL } from "../obedient-model.ts";
import { after } from "../screen.ts";
import type { TuiCheck } from "../tui-check.ts";

const PROMPT = "Would you like to make the following edits?";

export const patching: TuiCheck = {
  id: "patch",
  sentence:
    "a patch is shown line by line, asked about where the sandbox would not allow it, and applied when it is approved for the session",
  async run({ tui, folder }) {
    await tui.say("patch notes.txt");
    const screen = await tui.see(after("patch notes.txt", PROMPT), "the question");
    assert.match(screen, /Added notes\.txt \(\+2 -0\)/);
    assert.match(screen, /1 \+first line\s+2 \+second line/);
    await tui.terminal.press("a");
    await tui.see(after("patch notes.txt", AFTER_TOOL), "what the model says about it");
    await tui.turnEnd();
    assert.equal(await readFile(join(folder, "notes.txt"), "utf8"), "first line\nsecond line\n");
  },
};

export const editing: TuiCheck = {
  id: "edit",
  sentence:
    "a later change of a file that is approved for the session is not asked about, and shows what becomes of which line",
  async run({ tui, folder }) {
    await tui.say("edit notes.txt");
    await tui.see(after("edit notes.txt", AFTER_TOOL), "what the model says about it");
    await tui.turnEnd();
    const screen = await tui.text();
    assert.match(screen, /Edited notes\.txt \(\+1 -1\)/);
    assert.match(screen, /1 -first line\s+1 \+changed line/);
    assert.equal(await readFile(join(folder, "notes.txt"), "utf8"), "changed line\nsecond line\n");
  },
};

export const refusedPatch: TuiCheck = {
  id: "refuse-patch",
  sentence: "a patch that is refused changes nothing, and the turn ends",
  async run({ tui, folder }) {
    await tui.say("patch refused.txt");
    await tui.see(after("patch refused.txt", PROMPT), "the question");
    await tui.terminal.press("Escape");
    await tui.turnEnd();
    await assert.rejects(access(join(folder, "refused.txt")), { code: "ENOENT" });
  },
};
