export { createExecutor, type Executor } from "./create-executor.ts";
export { DEFAULT_LIMITS, type ExecutorLimits, type ExecutorOptions } from "./options.ts";
export type { Log } from "./platform/ports.ts";
