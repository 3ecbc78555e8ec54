export { FileLockError } from "./file-lock-error.ts";
export { type FileLockOptions, underFileLock } from "./under-file-lock.ts";
