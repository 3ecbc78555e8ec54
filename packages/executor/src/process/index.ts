export { type AdoptedChild, adoptChild } from "./adopt-child.ts";
export { checkArgumentSize } from "./argument-size.ts";
export type { Child, ChildEvents, SpawnRequest, TerminalSize } from "./child.ts";
export { SpawnFault, type SpawnFaultCulprit, type SpawnFaultReason, type SpawnFaultSubject } from "./child.ts";
export { commandPidOf } from "./command-pid.ts";
export { ConnectionChild } from "./connection-child.ts";
export { ConnectionFault, type ConnectionTarget } from "./connection-fault.ts";
export type { CommandOutcome, DenialJudge } from "./denial.ts";
export { endProcess } from "./end-process.ts";
export { childEnvironment, type EnvironmentLimits, type EnvironmentPolicy } from "./environment-policy.ts";
export type { Exit } from "./exit.ts";
export { descriptorsOf, type EndNews, type HandedChild, leaderOf } from "./handed-child.ts";
export type { HandedProcess } from "./handed-process.ts";
export { HeldEvents } from "./held-events.ts";
export { InputBudget } from "./input-budget.ts";
export type { InputLimits, WriteOutcome } from "./input-queue.ts";
export { LongPolls, type ReadRequest } from "./long-poll.ts";
export {
  ManagedProcess,
  type ManagedProcessOptions,
  type PauseReason,
  type ProcessSink,
  type ProcessSnapshot,
} from "./managed-process.ts";
export { openConnection } from "./open-connection.ts";
export type { OutputChunk, OutputStream } from "./output-chunk.ts";
export type { RetentionLimits } from "./output-log.ts";
export type { OutputSpool } from "./output-spool.ts";
export { pipeReader } from "./pipe-child.ts";
export { beginningOf, type ProcessFacts } from "./process-facts.ts";
export { ProcessRegistry, type ProcessRegistryOptions, RegistrationFault } from "./process-registry.ts";
export type { SharedInput } from "./shared-input.ts";
export { spawnAsUser } from "./spawn-as-user.ts";
export { type ProcessOwner, type SpawnTerms, spawnChild } from "./spawn-child.ts";
export { spawnPipe } from "./spawn-pipe.ts";
export { spawnPty } from "./spawn-pty.ts";
export { UserFault } from "./user-fault.ts";
