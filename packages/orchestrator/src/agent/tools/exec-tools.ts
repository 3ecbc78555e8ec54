import type { Tool, ToolResult } from "../../tools/tool.ts";
import type { ExecArguments } from "../../unified-exec/exec-arguments.ts";
import { execArgumentsOf, execTools } from "../../unified-exec/exec-tools.ts";
import { patchInCommand } from "../../unified-exec/patch-in-command.ts";
import type { UnifiedExec } from "../../unified-exec/unified-exec.ts";
import type { TurnScope } from "../turn/turn-scope.ts";
import type { AgentTool, CallOutput, ModelCall } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import type { CommandItems } from "./command-items.ts";
import type { AllowedFiles } from "./patch-approvals.ts";
import { type PatchRequest, runPatch } from "./patch-tool.ts";

/** What commands of a thread are run with. */
export interface CommandRunner {
  /** For commands that are nothing but a patch. */
  readonly allowed: AllowedFiles;
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
  { items, allowed }: CommandRunner,
  tool: Tool,
  { input, callId }: ModelCall,
  scope: TurnScope,
): Promise<CallOutput> {
  const { port, items: turnItems, signal } = scope;
  const args = argumentsOf(input);
  const patch = patchIn(args);
  if (patch !== undefined) return await runPatch({ callId, ...patch }, scope, allowed);
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

/** The patch that a command is nothing but the call of. What makes no sense is for the tool itself to say. */
function patchIn(args: unknown): Omit<PatchRequest, "callId"> | undefined {
  let asked: ExecArguments;
  try {
    asked = execArgumentsOf(args);
  } catch {
    return undefined;
  }
  const { cmd, workdir = "", environmentId } = asked;
  const found = patchInCommand(cmd);
  if (found === undefined) return undefined;
  return { input: found.input, environmentId, workdirs: [workdir, found.folder ?? ""] };
}

function textOf({ content }: ToolResult): string {
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
