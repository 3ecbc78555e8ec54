export { type FileAccess, fileOperationsFor, isOpen } from "./confined-files.ts";
export { toFileFault } from "./file-fault.ts";
export type { FileOperations } from "./file-operations.ts";
export { HelperFault } from "./helper-fault.ts";
export { type HelperLimits, HelperPool, type HelperPoolOptions } from "./helper-pool.ts";
