import assert from "node:assert/strict";
import { endsIn } from "../codex-tui.ts";
import { after, below } from "../screen.ts";
import type { TuiCheck } from "../tui-check.ts";

export const shell: TuiCheck = {
  id: "shell",
  sentence: "a command of the user runs without the model, and its output shows",
  async run({ tui }) {
    await tui.say("!echo shell-$((40+2))");
    await tui.see(/You ran echo shell/, "the command");
    await tui.see(/└ shell-42/, "its output");
    await tui.turnEnd("You ran echo shell");
  },
};

export const compact: TuiCheck = {
  id: "compact",
  sentence: "a conversation is made shorter, and goes on",
  async run({ tui }) {
    await tui.say("/compact");
    await tui.see(/Context compacted/, "that it was made shorter");
    await tui.turnEnd("Context compacted");
    await tui.say("hello after compaction");
    await tui.see(/• Echo: hello after compaction/, "the next answer");
    await tui.turnEnd();
  },
};

export const status: TuiCheck = {
  id: "status",
  sentence: "the session is shown with its server, its model and its permissions",
  async run({ tui, folder }) {
    await tui.say("/status");
    const screen = await tui.see(/Session:\s+[0-9a-f-]{36}/, "the id of the session");
    assert.match(screen, /Server:\s+ws:\/\/127\.0\.0\.1:\d+/);
    assert.match(screen, /Model:\s+gpt-5\.1-codex/);
    assert.match(screen, /Permissions:\s+Read Only/);
    assert.match(screen, /Token usage:\s+[1-9]/);
    assert.ok(screen.includes(folder), "the folder is not shown");
  },
};

export const quit: TuiCheck = {
  id: "quit",
  sentence: "it ends with 0, and names the session",
  async run({ tui }) {
    await tui.say("/quit");
    const screen = await tui.see(/^\[ended 0\]/m, "the end");
    assert.match(screen, /resume [0-9a-f]{8}-[0-9a-f-]{27}/);
  },
};

export const resume: TuiCheck = {
  id: "resume",
  sentence: "the last session is resumed with all that was said in it, and goes on",
  async run({ lastSession, open }) {
    const { said } = lastSession();
    assert.notDeepEqual(said, [], "nothing was said that could be resumed");
    const tui = await open(["resume", "--last"]);
    const last = said.at(-1) ?? "";
    await tui.see((text) => endsIn(below(`› ${last}`, text)) > 0, `"${last}", which was said last`);
    const shown = await tui.see((text) => messagesIn(text).length >= said.length, "all that was said before");
    assert.deepEqual(messagesIn(shown), said);
    const hasRun = said.some((text) => text.startsWith("run echo ran"));
    assert.equal(count(shown, "└ ran-42"), hasRun ? 1 : 0);
    assert.equal(count(shown, "• Echo: hello there"), said.includes("hello there") ? 1 : 0);
    await tui.say("hello once more");
    await tui.see(after("› hello once more", "• Echo: hello once more"), "an answer");
    await tui.turnEnd();
  },
};

/** What a screen shows of what was said. Its last line with the mark is the composer. */
function messagesIn(screen: string): readonly string[] {
  const lines = [...screen.matchAll(/^› (.*)$/gm)].map(([, text = ""]) => text.trimEnd());
  return lines.slice(0, -1);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
