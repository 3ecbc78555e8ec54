import type { Tool, ToolResult } from "../../tools/tool.ts";
import { execTools } from "../../unified-exec/exec-tools.ts";
import type { UnifiedExec } from "../../unified-exec/unified-exec.ts";
import type { TurnScope } from "../turn/turn-scope.ts";
import type { AgentTool, CallOutput, ModelCall } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import type { CommandItems } from "./command-items.ts";

/** What commands of a thread are run with. */
export interface CommandRunner {
  readonly exec: UnifiedExec;
  readonly items: CommandItems;
}

/** `exec_command` and `write_stdin`. @param environmentIds - The primary one first. */
export function commandTools(runner: CommandRunner, environmentIds: readonly string[]): readonly AgentTool[] {
  const [execCommand, writeStdin] = execTools(runner.exec, { environmentIds });
  return [
    agentTool(execCommand, (call, scope) => runCommand(runner, execCommand, call, scope)),
    agentTool(writeStdin, async ({ input, callId }, { signal }) =>
      textOf(await writeStdin.call(argumentsOf(input), { callId, signal })),
    ),
  ];
}

function agentTool(tool: Tool, run: AgentTool["run"]): AgentTool {
  const { name, description, inputSchema: parameters } = tool;
  const definition = { type: "function", name, description, strict: false, parameters };
  return { name, definition, isParallel: true, run };
}

async function runCommand(
  { items }: CommandRunner,
  tool: Tool,
  { input, callId }: ModelCall,
  { port, items: turnItems, signal }: TurnScope,
): Promise<CallOutput> {
  const args = argumentsOf(input);
  const owner = { port, items: turnItems, source: "unifiedExecStartup", itemId: callId } as const;
  if (!items.expect(callId, owner)) return `exec_command was not run: a call of the id ${callId} still runs`;
  try {
    const result = await tool.call(args, { callId, signal });
    if (/^Process exited with code /m.test(textOf(result).slice(0, 256)) || result.isError === true)
      await items.told(callId);
    return textOf(result);
  } finally {
    items.forgetUnbegun(callId);
  }
}

function textOf({ content }: ToolResult): string {
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
