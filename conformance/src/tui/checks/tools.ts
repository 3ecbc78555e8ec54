import { after } from "../screen.ts";
import type { TuiCheck } from "../tui-check.ts";

export const tool: TuiCheck = {
  id: "mcp",
  sentence: "a tool of an MCP server is asked about, called when it is allowed, and its result shows",
  async run({ tui }) {
    await tui.say("shout how loud");
    await tui.see(after("shout how loud", 'Allow the loud MCP server to run tool "shout"?'), "the question");
    // The first choice is to allow it.
    await tui.terminal.press("Enter");
    await tui.see(after("shout how loud", "• Called loud.shout"), "the call");
    await tui.see(/└ HOW LOUD/, "its result");
    await tui.turnEnd();
  },
};
