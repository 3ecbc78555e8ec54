import {
  type ApprovalDecision,
  type ApprovalPolicy,
  type ApprovalRequest,
  execTools,
  fileTools,
  patchTool,
  type Tool,
  type ToolPlaces,
  UnifiedExec,
} from "@holdfast/orchestrator";
import { type ClientQuestions, withShortPolls } from "@holdfast/orchestrator/mcp-server";
import { printable, printableLines } from "../command-line/printable.ts";

/** When the user of the client is asked to let a command run without its sandbox. */
export type AskPolicy = "never" | "on-request" | "on-failure";

const ONCE = "Run it once without the sandbox";
const ALWAYS = "Run it, and the same command whenever it is asked for in this session";
const NOT = "Do not run it";

/** Characters of the longest command that anybody is asked about: nobody approves what is not shown whole. */
const SHOWN_COMMAND_MAX_LENGTH = 10_000;

/** What an agent is given. Disposing ends the commands that it left running. */
export interface AgentTools extends AsyncDisposable {
  readonly tools: readonly Tool[];
}

export interface AgentToolsOptions {
  /** Counts where the client can ask its user; elsewhere nothing runs without its sandbox. */
  readonly ask: AskPolicy;
  /** Leave out what only writes. */
  readonly isReadOnly: boolean;
  /** There is a sandbox that somebody can be asked to do without. */
  readonly isConfined: boolean;
  /** Milliseconds that a command goes on when this program is gone without a word. */
  readonly maxDetachedMs: number;
}

export function agentTools(
  places: ToolPlaces,
  questions: ClientQuestions,
  { ask, isReadOnly, isConfined, maxDetachedMs }: AgentToolsOptions,
): AgentTools {
  const mayAsk = (): boolean => isConfined && questions.canAsk;
  const exec = new UnifiedExec({
    environments: async (id, signal) => {
      const { cwd, ...place } = await places.at(id, signal);
      return { ...place, cwd, isRemote: true };
    },
    settings: () => ({ approvalPolicy: mayAsk() ? policyOf(ask) : "never", maxDetachedMs }),
    askApproval: async (request, signal) => {
      if (request.command.length > SHOWN_COMMAND_MAX_LENGTH) {
        throw new Error(`the command has more than ${SHOWN_COMMAND_MAX_LENGTH} characters, too many to be shown`);
      }
      const choices = [ONCE, ALWAYS, NOT];
      return decisionOf(await questions.ask(request.callId, { message: messageOf(request), choices }, signal));
    },
  });
  const environmentIds = places.ids.length > 1 ? places.ids : undefined;
  const [execCommand, writeStdin] = execTools(exec, {
    environmentIds,
    remark: ({ sandboxDenied }) => (sandboxDenied ? deniedText(mayAsk() && ask !== "never") : undefined),
  });
  const files = [patchTool(places), ...fileTools(places)];
  const [where] = places.ids;
  const allowed = files.filter(({ annotations }) => !isReadOnly || annotations?.readOnlyHint === true);
  const tools = [endingWithItsCall(execCommand, exec), withShortPolls(writeStdin), ...allowed];
  return {
    tools: environmentIds === undefined ? tools.map((tool) => workingOn(tool, where)) : tools,
    [Symbol.asyncDispose]: () => exec.close(),
  };
}

/** A command whose call is given up is one that nobody has the number of: a user who stops it means it. */
function endingWithItsCall(tool: Tool, exec: UnifiedExec): Tool {
  return {
    ...tool,
    get inputSchema() {
      return tool.inputSchema;
    },
    async call(args, call) {
      try {
        return await tool.call(args, call);
      } catch (error) {
        const left = exec.list().filter(({ callId }) => callId === call?.callId);
        await Promise.all(left.map(({ sessionId }) => exec.terminate(sessionId)));
        throw error;
      }
    },
  };
}

/** Not every client shows its model what all tools have in common, and the model may have others for the machine in front of it. */
function workingOn(tool: Tool, where: string | undefined): Tool {
  return {
    ...tool,
    description: `${tool.description} Works on ${where}.`,
    get inputSchema() {
      return tool.inputSchema;
    },
    call: (args, call) => tool.call(args, call),
  };
}

function policyOf(ask: AskPolicy): ApprovalPolicy {
  return ask === "on-failure" ? { granular: { sandbox_approval: true } } : ask;
}

/** Behind what a command printed, in which nothing may say so. */
function deniedText(mayAsk: boolean): string {
  const next = mayAsk
    ? "if it is needed, ask for it with sandbox_permissions require_escalated and a justification"
    : "the user can allow more where holdfast mcp serve is started, by --writable, --network or --sandbox";
  return `[the sandbox has probably refused it something; ${next}]`;
}

function decisionOf(choice: string | undefined): ApprovalDecision {
  if (choice === ONCE) return "accept";
  return choice === ALWAYS ? "accept-for-session" : "decline";
}

function messageOf({ environmentId, command, cwd, reason, denied }: ApprovalRequest): string {
  const what =
    denied === undefined ? "A command wants to run" : "A command has failed in its sandbox, and may run again";
  return [
    `${what} without a sandbox, on ${printable(environmentId)} in ${printable(cwd)}:`,
    "",
    printableLines(command),
    ...(reason === undefined ? [] : ["", `Why: ${printable(reason)}`]),
  ].join("\n");
}
