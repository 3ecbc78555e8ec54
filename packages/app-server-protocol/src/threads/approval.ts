import { isObject, type UnknownVariant } from "@holdfast/protocol-kit";
import type { ServerRequests } from "../gen/stub-types.gen.ts";
import type {
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalParams,
  FileChangeRequestApprovalParams,
  McpServerElicitationRequestParams,
  PermissionsRequestApprovalParams,
  ThreadItem,
} from "../gen/types.gen.ts";

interface AnyApproval {
  readonly threadId: string;
  /** Undefined where the server could not tell, which occurs for tools of MCP servers. */
  readonly turnId: string | undefined;
  /** What is asked about, as far as it began within a run: the changes of files stand here alone. */
  readonly item: ThreadItem | undefined;
  /** Aborted when an answer is of no use any more: another client answered, the turn ended, or the connection is gone. */
  readonly signal: AbortSignal;
}

/** Something that the agent may do only if somebody agrees. */
export type ApprovalRequest = AnyApproval &
  (
    | { readonly type: "command"; readonly params: CommandExecutionRequestApprovalParams }
    | { readonly type: "fileChange"; readonly params: FileChangeRequestApprovalParams }
    | { readonly type: "permissions"; readonly params: PermissionsRequestApprovalParams }
    | { readonly type: "mcpToolCall"; readonly params: Extract<McpServerElicitationRequestParams, { mode: "form" }> }
  );

/**
 * `accept`: this once. `acceptForSession`: the same again unasked, in this thread. `decline`: the agent is told, and goes on. `cancel`: the
 * turn is interrupted. The other forms are for commands alone: they change a policy.
 */
export type ApprovalDecision = Word | Exclude<CommandExecutionApprovalDecision, string | UnknownVariant>;

type Word = "accept" | "acceptForSession" | "decline" | "cancel";

/** Decides about what an agent wants to do. */
export type Approve = (request: ApprovalRequest) => Promise<ApprovalDecision>;

const WORDS: ReadonlySet<unknown> = new Set<Word>(["accept", "acceptForSession", "decline", "cancel"]);

/** Requests of servers that are approvals. An elicitation is one if it says so. */
export type ApprovalMethod =
  | "item/commandExecution/requestApproval"
  | "item/fileChange/requestApproval"
  | "item/permissions/requestApproval"
  | "mcpServer/elicitation/request";

export type ApprovalParams<Method extends ApprovalMethod> = ServerRequests[Method]["params"];
export type ApprovalResponse<Method extends ApprovalMethod> = ServerRequests[Method]["result"];

/** What a request is about. */
export interface ApprovalSubject {
  readonly type: ApprovalRequest["type"];
  readonly threadId: string;
  readonly turnId: string | undefined;
  readonly itemId: string | undefined;
}

/** What one of these methods asks, and how an answer to it looks. */
export interface ApprovalForm<Method extends ApprovalMethod> {
  /** @returns undefined for an elicitation that wants something else than leave. */
  read(params: ApprovalParams<Method>): ApprovalSubject | undefined;
  /** @throws TypeError for a decision that the method does not know. */
  answer(decision: ApprovalDecision, params: ApprovalParams<Method>): ApprovalResponse<Method>;
}

export const APPROVAL_FORMS: { readonly [Method in ApprovalMethod]: ApprovalForm<Method> } = {
  "item/commandExecution/requestApproval": {
    read: ({ threadId, turnId, itemId }) => ({ type: "command", threadId, turnId, itemId }),
    answer: (decision) => ({ decision: isObject(decision) ? decision : word(decision) }),
  },
  "item/fileChange/requestApproval": {
    read: ({ threadId, turnId, itemId }) => ({ type: "fileChange", threadId, turnId, itemId }),
    answer: (decision) => ({ decision: word(decision) }),
  },
  "item/permissions/requestApproval": {
    read: ({ threadId, turnId, itemId }) => ({ type: "permissions", threadId, turnId, itemId }),
    answer: (decision, { permissions }) => {
      const agreed = isAgreement(word(decision));
      return { permissions: agreed ? permissions : {}, scope: decision === "acceptForSession" ? "session" : "turn" };
    },
  },
  "mcpServer/elicitation/request": {
    read: (params) => {
      if (params.mode !== "form" || !isToolApproval(params._meta)) return undefined;
      const { threadId, turnId } = params;
      return { type: "mcpToolCall", threadId, turnId: turnId ?? undefined, itemId: undefined };
    },
    answer: (decision) => {
      if (!isAgreement(word(decision))) return { action: decision === "cancel" ? "cancel" : "decline" };
      return {
        action: "accept",
        content: null,
        _meta: decision === "acceptForSession" ? { persist: "session" } : null,
      };
    },
  },
};

/** Servers ask for leave to call a tool as if the MCP server had asked for a form. */
function isToolApproval(meta: unknown): boolean {
  return isObject(meta) && meta.codex_approval_kind === "mcp_tool_call";
}

function isAgreement(decision: Word): boolean {
  return decision === "accept" || decision === "acceptForSession";
}

function word(decision: ApprovalDecision): Word {
  if (WORDS.has(decision)) return decision as Word;
  throw new TypeError(
    "the approval callback must give accept, acceptForSession, decline or cancel; only commands take policies",
  );
}
