import type { Tool, ToolCall, ToolResult } from "../tools/tool.ts";
import { argumentSchema, readArguments, ToolArgumentError } from "../tools/tool-arguments.ts";
import { failedResult, textResult } from "../tools/tool-result.ts";
import { mayEscalate } from "./approval-policy.ts";
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
  about: "Output token budget. Defaults to 10000 tokens; larger requests may be capped by policy.",
} as const;

const COMMAND = {
  cmd: { kind: "text", isRequired: true, about: "Shell command to execute." },
  workdir: {
    kind: "text",
    about: "Working directory for the command; a relative one starts at the default, the environment's folder.",
  },
  shell: { kind: "text", about: "Shell binary to launch. Defaults to the user's default shell." },
  login: {
    kind: "flag",
    default: "none",
    about: "Run the shell as a login shell, with the user's start-up files. Defaults to true.",
  },
  tty: {
    kind: "flag",
    about:
      "True allocates a PTY for the command, which write_stdin can type into; false or omitted uses plain pipes with an empty stdin.",
  },
  yield_time_ms: {
    kind: "integer",
    minimum: 0,
    about: "Wait before yielding output. Defaults to 10000 ms; effective range is 250-30000 ms.",
  },
  max_output_tokens: MAX_OUTPUT_TOKENS,
} as const;

const ESCALATION = {
  sandbox_permissions: {
    kind: "text",
    choices: ["use_default", "require_escalated"],
    about:
      "Per-command sandbox override. Defaults to `use_default`; use `require_escalated` for unsandboxed execution, which the user is asked to approve.",
  },
  justification: { kind: "text", about: "User-facing approval question for `require_escalated`; omit otherwise." },
  prefix_rule: {
    kind: "texts",
    about:
      'Reusable approval prefix for `cmd`, only with `sandbox_permissions: "require_escalated"`; for example ["git", "pull"].',
  },
} as const;

const ENVIRONMENT = {
  environment_id: { kind: "text", about: "Environment to run in. Defaults to the primary one." },
} as const;

/** What is taken, also where it is not offered. */
const EXEC = { ...COMMAND, ...ESCALATION, ...ENVIRONMENT } as const;

const WRITE = {
  session_id: {
    kind: "integer",
    isRequired: true,
    minimum: 0,
    about: "Identifier of the running unified exec session.",
  },
  chars: {
    kind: "text",
    about:
      "Characters to write to stdin. Defaults to empty, which polls without writing. Ctrl-C (U+0003) interrupts, also a command without a PTY.",
  },
  yield_time_ms: {
    kind: "integer",
    minimum: 0,
    about:
      "Wait before yielding output. Non-empty writes default to 250 ms and cap at 30000 ms; empty polls wait 5000-300000 ms, 5000 ms by default.",
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
      "Runs a command in a shell, returning its output and exit code, or a session ID for ongoing interaction when it runs longer than yield_time_ms.",
    // Asked anew each time: the policy may change between two turns.
    get inputSchema() {
      const isOffered = mayEscalate(exec.settings.approvalPolicy ?? "never");
      return argumentSchema({ ...COMMAND, ...(isOffered ? ESCALATION : {}), ...choice });
    },
    annotations: ANNOTATIONS,
    call: (args, call) =>
      answered(call, async () => {
        const given = readArguments(args, EXEC);
        const asked = {
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
        return (await exec.patch(asked, call)) ?? told(await exec.exec(asked, call), remark);
      }),
  };
}

function writeStdinTool(exec: UnifiedExec, { remark }: ExecToolOptions): Tool {
  return {
    name: "write_stdin",
    title: "Write to a running command",
    description:
      "Writes characters to a command that exec_command has left running, or only waits for it, and returns its recent output.",
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
