export type { ApprovalDecision, ApprovalMethod, ApprovalRequest, Approve } from "./threads/approval.ts";
export type { ApprovalContext } from "./threads/approval-desk.ts";
export { RUN_LIMITS, type RunLimits } from "./threads/limits.ts";
export type { OpenedThread, OpenThread } from "./threads/open-thread.ts";
export type { Run, RunInput, RunOptions } from "./threads/run.ts";
export { isRunError, RunError, type RunErrorCode } from "./threads/run-error.ts";
export { type RunEvent, TURN_NOTICES, type TurnNotice } from "./threads/run-event.ts";
export type { RunResult } from "./threads/run-result.ts";
export { createThreads, type ThreadOptions, type Threads, type ThreadsOptions } from "./threads/threads.ts";
