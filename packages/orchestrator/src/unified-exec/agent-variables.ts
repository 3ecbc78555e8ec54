/**
 * Variables that every command has: its output is for a model, not for a terminal, and nothing waits for a key.
 */
export const AGENT_VARIABLES: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  TERM: "dumb",
  LANG: "C.UTF-8",
  LC_CTYPE: "C.UTF-8",
  LC_ALL: "C.UTF-8",
  COLORTERM: "",
  PAGER: "cat",
  GIT_PAGER: "cat",
  GH_PAGER: "cat",
  CODEX_CI: "1",
};

/** Names that agents tell their commands about themselves: an executor that was started by one must not pass on those of its own. */
export const BOOKKEEPING_VARIABLES: readonly string[] = [
  "CODEX_PERMISSION_PROFILE",
  "CODEX_VERSION",
  "CODEX_APPLY_PATCH_PRESERVE_LINE_ENDINGS",
  "CODEX_PLUGIN_METRICS_OUTPUT",
  "CODEX_THREAD_ID",
  "CODEX_SESSION_ID",
  "CODEX_TOOL_CALL_ID",
  "CODEX_SANDBOX_NETWORK_DISABLED",
];

/** What a command is told of the call that it runs for. */
export interface CallFacts {
  readonly callId: string;
  readonly threadId: string | undefined;
  readonly sessionId: string | undefined;
  /** Whether its sandbox keeps it from the network. */
  readonly isWithoutNetwork: boolean;
}

/** What is laid over the variables that the executor gives a command. */
export function agentVariables(
  facts: CallFacts,
  env: Readonly<Record<string, string | undefined>> = {},
): Record<string, string | undefined> {
  return {
    ...AGENT_VARIABLES,
    CODEX_THREAD_ID: facts.threadId,
    CODEX_SESSION_ID: facts.sessionId,
    CODEX_TOOL_CALL_ID: facts.callId,
    ...(facts.isWithoutNetwork ? { CODEX_SANDBOX_NETWORK_DISABLED: "1" } : {}),
    ...env,
  };
}
