import { checkArguments } from "../tools/check-arguments.ts";
import type { Tool, ToolCall, ToolResult, ToolSchema } from "../tools/tool.ts";
import { mayEscalate } from "./approval-policy.ts";
import type { ExecArguments, WriteArguments } from "./exec-arguments.ts";
import { type ExecResult, resultText } from "./exec-result.ts";
import type { UnifiedExec } from "./unified-exec.ts";

/** What the tools offer. */
export interface ExecToolOptions {
  /** Ids that a model may choose from, the primary one first. Default: it is not told that there is a choice. */
  readonly environmentIds?: readonly string[] | undefined;
}

const MAX_OUTPUT_TOKENS = {
  type: "integer",
  minimum: 0,
  description: "Output token budget. Defaults to 10000 tokens; larger requests may be capped by policy.",
} as const;

const COMMAND_PROPERTIES = {
  cmd: { type: "string", description: "Shell command to execute." },
  workdir: {
    type: "string",
    description: "Working directory for the command; a relative one starts at the default, the environment's folder.",
  },
  shell: { type: "string", description: "Shell binary to launch. Defaults to the user's default shell." },
  login: {
    type: "boolean",
    description: "Run the shell as a login shell, with the user's start-up files. Defaults to true.",
  },
  tty: {
    type: "boolean",
    description:
      "True allocates a PTY for the command, which write_stdin can type into; false or omitted uses plain pipes with an empty stdin.",
  },
  yield_time_ms: {
    type: "integer",
    minimum: 0,
    description: "Wait before yielding output. Defaults to 10000 ms; effective range is 250-30000 ms.",
  },
  max_output_tokens: MAX_OUTPUT_TOKENS,
} as const;

const ESCALATION_PROPERTIES = {
  sandbox_permissions: {
    type: "string",
    enum: ["use_default", "require_escalated"],
    description:
      "Per-command sandbox override. Defaults to `use_default`; use `require_escalated` for unsandboxed execution, which the user is asked to approve.",
  },
  justification: {
    type: "string",
    description: "User-facing approval question for `require_escalated`; omit otherwise.",
  },
  prefix_rule: {
    type: "array",
    items: { type: "string" },
    description:
      'Reusable approval prefix for `cmd`, only with `sandbox_permissions: "require_escalated"`; for example ["git", "pull"].',
  },
} as const;

const ENVIRONMENT_ID = { type: "string", description: "Environment to run in. Defaults to the primary one." } as const;

/** What is taken, also where it is not offered. */
const EXEC_ARGUMENTS = objectOf({ ...COMMAND_PROPERTIES, ...ESCALATION_PROPERTIES, environment_id: ENVIRONMENT_ID }, [
  "cmd",
]);

const WRITE_ARGUMENTS = objectOf(
  {
    session_id: { type: "integer", description: "Identifier of the running unified exec session." },
    chars: {
      type: "string",
      description:
        "Bytes to write to stdin. Defaults to empty, which polls without writing. Ctrl-C (U+0003) interrupts, also a command without a PTY.",
    },
    yield_time_ms: {
      type: "integer",
      minimum: 0,
      description:
        "Wait before yielding output. Non-empty writes default to 250 ms and cap at 30000 ms; empty polls wait 5000-300000 ms by default.",
    },
    max_output_tokens: MAX_OUTPUT_TOKENS,
  },
  ["session_id"],
);

/** `exec_command` and `write_stdin`. */
export function execTools(exec: UnifiedExec, options: ExecToolOptions = {}): readonly [exec: Tool, write: Tool] {
  return [execCommandTool(exec, options), writeStdinTool(exec)];
}

function execCommandTool(exec: UnifiedExec, { environmentIds }: ExecToolOptions): Tool {
  const choice = environmentIds && { environment_id: { ...ENVIRONMENT_ID, enum: environmentIds } };
  return {
    name: "exec_command",
    title: "Run a command",
    description:
      "Runs a command in a shell, returning its output and exit code, or a session ID for ongoing interaction when it runs longer than yield_time_ms.",
    // Asked anew: the policy may change between two turns.
    get inputSchema() {
      const isOffered = mayEscalate(exec.settings.approvalPolicy ?? "never");
      return objectOf({ ...COMMAND_PROPERTIES, ...(isOffered ? ESCALATION_PROPERTIES : {}), ...choice }, ["cmd"]);
    },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    call: (args, call) => answered(call, () => exec.exec(execArguments(args), call)),
  };
}

function writeStdinTool(exec: UnifiedExec): Tool {
  return {
    name: "write_stdin",
    title: "Write to a running command",
    description:
      "Writes characters to a command that exec_command has left running, or only waits for it, and returns its recent output.",
    inputSchema: WRITE_ARGUMENTS,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    call: (args, call) => answered(call, () => exec.write(writeArguments(args), call)),
  };
}

async function answered(call: ToolCall | undefined, run: () => Promise<ExecResult>): Promise<ToolResult> {
  try {
    return { content: [{ type: "text", text: resultText(await run()) }] };
  } catch (error) {
    call?.signal?.throwIfAborted();
    return { content: [{ type: "text", text: error instanceof Error ? error.message : String(error) }], isError: true };
  }
}

function execArguments(args: unknown): ExecArguments {
  const given = checkArguments(EXEC_ARGUMENTS, args);
  return {
    cmd: given.cmd as string,
    workdir: given.workdir as string | undefined,
    shell: given.shell as string | undefined,
    login: given.login as boolean | undefined,
    tty: given.tty as boolean | undefined,
    yieldTimeMs: given.yield_time_ms as number | undefined,
    maxOutputTokens: given.max_output_tokens as number | undefined,
    environmentId: given.environment_id as string | undefined,
    sandboxPermissions: given.sandbox_permissions as ExecArguments["sandboxPermissions"],
    justification: given.justification as string | undefined,
    prefixRule: given.prefix_rule as readonly string[] | undefined,
  };
}

function writeArguments(args: unknown): WriteArguments {
  const given = checkArguments(WRITE_ARGUMENTS, args);
  return {
    sessionId: given.session_id as number,
    chars: given.chars as string | undefined,
    yieldTimeMs: given.yield_time_ms as number | undefined,
    maxOutputTokens: given.max_output_tokens as number | undefined,
  };
}

function objectOf(properties: Readonly<Record<string, unknown>>, required: readonly string[]): ToolSchema {
  return { type: "object", properties, required, additionalProperties: false };
}
