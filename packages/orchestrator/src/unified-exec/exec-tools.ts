import type { Tool, ToolCall, ToolResult } from "../tools/tool.ts";
import { argumentSchema, readArguments, ToolArgumentError } from "../tools/tool-arguments.ts";
import { failedResult, textResult } from "../tools/tool-result.ts";
import { mayEscalate } from "./approval-policy.ts";
import type { ExecArguments } from "./exec-arguments.ts";
import { type ExecResult, resultText } from "./exec-result.ts";
import type { UnifiedExec } from "./unified-exec.ts";

/** What the tools offer. */
export interface ExecToolOptions {
  /** Ids that a model may choose from, the primary one first. With a single one, or by default, it is not told that there is a choice. */
  readonly environmentIds?: readonly string[] | undefined;
  /** What a model is told besides the result, as a text of its own. Default: nothing. */
  readonly remark?: ((result: ExecResult) => string | undefined) | undefined;
}

const MAX_OUTPUT_TOKENS = {
  kind: "integer",
  minimum: 0,
  about:
    "Most tokens of output that the result has, 10000 by default; what does not fit is left out in the middle. More may not be granted.",
} as const;

const COMMAND = {
  cmd: { kind: "text", isRequired: true, about: "Script for the shell: a command line, or several lines." },
  workdir: {
    kind: "text",
    about: "Folder to run it in: absolute, or relative to the working folder, which is the default.",
  },
  shell: {
    kind: "text",
    about: "Program that reads the script, such as /bin/bash. By default the shell of the user there.",
  },
  login: {
    kind: "flag",
    default: "none",
    about:
      "Whether the shell reads the start-up files of a login first, which set up the user's PATH. Defaults to true.",
  },
  tty: {
    kind: "flag",
    about: "Run it in a terminal, into which write_stdin can type. Without one, its stdin is empty.",
  },
  yield_time_ms: {
    kind: "integer",
    minimum: 0,
    about: "How long to wait for its end, 10000 by default; at least 250 and at most 30000 ms. It is not stopped then.",
  },
  max_output_tokens: MAX_OUTPUT_TOKENS,
} as const;

const ESCALATION = {
  sandbox_permissions: {
    kind: "text",
    choices: ["use_default", "require_escalated"],
    about:
      "`require_escalated`: run it without the sandbox, if the user agrees. For commands that the sandbox keeps from what they need.",
  },
  justification: { kind: "text", about: "With `require_escalated`: why, in a sentence that the user is shown." },
  prefix_rule: {
    kind: "texts",
    about:
      'With `require_escalated`: the first words of commands like this one, which the user may allow for good, e.g. ["git", "pull"].',
  },
} as const;

const ENVIRONMENT = {
  environment_id: { kind: "text", about: "The machine to run it on, by its id. By default the first one." },
} as const;

/** What is taken, also where it is not offered. */
const EXEC = { ...COMMAND, ...ESCALATION, ...ENVIRONMENT } as const;

const WRITE = {
  session_id: {
    kind: "integer",
    isRequired: true,
    minimum: 0,
    about: "The session ID that exec_command gave.",
  },
  chars: {
    kind: "text",
    about:
      "What to type. Nothing by default, which only waits and looks. U+0003 is ctrl-C, and interrupts commands without a terminal as well.",
  },
  yield_time_ms: {
    kind: "integer",
    minimum: 0,
    about:
      "How long to wait for its end: behind what is typed 250 to 30000 ms, 250 by default; with nothing to type 5000 to 300000 ms, 5000 by default.",
  },
  max_output_tokens: MAX_OUTPUT_TOKENS,
} as const;

/** What may follow from a command. */
const ANNOTATIONS = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true } as const;

/** `exec_command` and `write_stdin`. */
export function execTools(exec: UnifiedExec, options: ExecToolOptions = {}): readonly [exec: Tool, write: Tool] {
  return [execCommandTool(exec, options), writeStdinTool(exec, options)];
}

function execCommandTool(exec: UnifiedExec, { environmentIds = [], remark }: ExecToolOptions): Tool {
  const choice =
    environmentIds.length > 1
      ? { environment_id: { ...ENVIRONMENT.environment_id, choices: environmentIds } as const }
      : {};
  return {
    name: "exec_command",
    title: "Run a command",
    description:
      "Run a command in a shell, and get its output and exit code. One that takes longer than yield_time_ms goes on: the result then has a session ID, by which write_stdin looks at it and types into it.",
    // Asked anew each time: the policy may change between two turns.
    get inputSchema() {
      const isOffered = mayEscalate(exec.settings.approvalPolicy ?? "never");
      return argumentSchema({ ...COMMAND, ...(isOffered ? ESCALATION : {}), ...choice });
    },
    annotations: ANNOTATIONS,
    call: (args, call) =>
      answered(call, async () => {
        const asked = execArgumentsOf(args);
        return (await exec.patch(asked, call)) ?? told(await exec.exec(asked, call), remark);
      }),
  };
}

/** What a call of `exec_command` asks for. @throws ToolArgumentError */
export function execArgumentsOf(args: unknown): ExecArguments {
  const given = readArguments(args, EXEC);
  return {
    cmd: given.cmd,
    workdir: given.workdir,
    shell: given.shell,
    login: given.login,
    tty: given.tty,
    yieldTimeMs: given.yield_time_ms,
    maxOutputTokens: given.max_output_tokens,
    environmentId: given.environment_id,
    sandboxPermissions: given.sandbox_permissions,
    justification: given.justification,
    prefixRule: given.prefix_rule,
  };
}

function writeStdinTool(exec: UnifiedExec, { remark }: ExecToolOptions): Tool {
  return {
    name: "write_stdin",
    title: "Write to a running command",
    description:
      "Type into a command that exec_command left running, or wait for it, and get what it has printed since the last look.",
    inputSchema: argumentSchema(WRITE),
    annotations: ANNOTATIONS,
    call: (args, call) =>
      answered(call, async () => {
        const given = readArguments(args, WRITE);
        const asked = {
          sessionId: given.session_id,
          chars: given.chars,
          yieldTimeMs: given.yield_time_ms,
          maxOutputTokens: given.max_output_tokens,
        };
        return told(await exec.write(asked, call), remark);
      }),
  };
}

function told(result: ExecResult, remark: ExecToolOptions["remark"]): ToolResult {
  return textResult(resultText(result), remark?.(result) ?? "");
}

async function answered(call: ToolCall | undefined, run: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    call?.signal?.throwIfAborted();
    return await run();
  } catch (error) {
    call?.signal?.throwIfAborted();
    return failedResult(error instanceof ToolArgumentError ? unusable(error) : error);
  }
}

function unusable(cause: ToolArgumentError): Error {
  return new Error(`failed to parse function arguments: ${cause.message}`, { cause });
}
