import type { Executor } from "@holdfast/exec-client";

/** Where MCP servers are placed, as a manager sees it: the orchestrator's registry is one, a test's map another. */
export interface McpEnvironments {
  /** Whether there is an environment of that id. Answered at once; nothing is started for it. */
  has(id: string): boolean;
  /**
   * The executor of an environment, started where it is not yet. The same one for as long as the id is not registered anew.
   *
   * @throws The stored reason why it did not start; the reason of `signal`.
   */
  executor(id: string, signal?: AbortSignal): Promise<Executor>;
  /**
   * The executor of an environment, if it is there already: what tells one registration of an id from the next. Answered at once; nothing is
   * started for it. Absent: an id stays what it is.
   */
  place?(id: string): Executor | undefined;
}
