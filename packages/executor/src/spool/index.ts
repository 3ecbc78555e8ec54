export { MIN_SPOOL_BYTES, SpoolFolder, type SpoolOptions } from "./spool-folder.ts";
