export { ConfinedLaunch, type ConfinedLaunchOptions, type ConfinedNetwork } from "./confined-launch.ts";
export type { HandedRun } from "./confined-run.ts";
export { MachineSandboxing } from "./machine-sandboxing.ts";
export { NO_NATIVE_CONTAINERS, toProcessFault, withReason } from "./process-fault.ts";
export type { ConfinedOutcome, Sandboxing } from "./sandboxing.ts";
