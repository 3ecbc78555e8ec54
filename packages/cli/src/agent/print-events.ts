import type { Context } from "../command-line/context.ts";
import { onOneLine, printableLines } from "../command-line/printable.ts";
import type { ExecEvent, ExecItem } from "./exec-event.ts";

/** One object a line, for programs. */
export function printJson({ stdout }: Pick<Context, "stdout">): (event: ExecEvent) => void {
  return (event) => void stdout.write(printableLines(`${JSON.stringify(event)}\n`));
}

/** What the agent says, on stdout; what it does, a line each, on stderr. */
export function printText({ stdout, stderr }: Pick<Context, "stdout" | "stderr">): (event: ExecEvent) => void {
  const tell = (line: string): void => void stderr.write(printableLines(`${onOneLine(line)}\n`));
  return (event) => {
    if (event.type === "thread.started") tell(`thread ${event.thread_id}`);
    if (event.type === "error") tell(event.message);
    if (event.type === "turn.failed") tell(`holdfast agent: ${event.error.message}`);
    if (event.type !== "item.completed") return;
    const { item } = event;
    if (item.type === "agent_message") stdout.write(printableLines(`${item.text}\n`));
    else for (const line of deeds(item)) tell(line);
  };
}

function deeds(item: ExecItem): readonly string[] {
  switch (item.type) {
    case "command_execution":
      return [`${item.status === "declined" ? "not run" : `exit ${item.exit_code ?? "?"}`}: ${item.command}`];
    case "file_change":
      return item.changes.map(({ kind, path }) => `${kind} ${path}${item.status === "failed" ? " (failed)" : ""}`);
    case "mcp_tool_call":
      return [`${item.status}: ${item.server}.${item.tool}`];
    case "web_search":
      return [`searched: ${item.query}`];
    case "todo_list":
      return item.items.map(({ text, completed }) => `[${completed ? "x" : " "}] ${text}`);
    case "error":
      return [item.message];
    default:
      return [];
  }
}
