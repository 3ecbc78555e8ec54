/*
 * Set when this package is bundled: the whole texts of the programs that the executor starts later, imports and all, for
 * `node --input-type=module`. Part of the bundle, they are in memory: rewriting files meanwhile does not change what
 * is started. Without a bundle they are undefined, and the programs are loaded from where their modules lie.
 */
declare const HOLDFAST_SWEEP_PROGRAM: string | undefined;
declare const HOLDFAST_FILES_PROGRAM: string | undefined;
declare const HOLDFAST_PLAN_PROGRAM: string | undefined;
declare const HOLDFAST_TREES_PROGRAM: string | undefined;

/** Ends what is left when the executor is gone. Its argument is JSON. */
export const bundledSweep: string | undefined =
  typeof HOLDFAST_SWEEP_PROGRAM === "undefined" ? undefined : HOLDFAST_SWEEP_PROGRAM;

/** File operations inside a sandbox, on standard input and output. */
export const bundledFilesHelper: string | undefined =
  typeof HOLDFAST_FILES_PROGRAM === "undefined" ? undefined : HOLDFAST_FILES_PROGRAM;

/** Makes plans in a thread, on messages. */
export const bundledPlanThread: string | undefined =
  typeof HOLDFAST_PLAN_PROGRAM === "undefined" ? undefined : HOLDFAST_PLAN_PROGRAM;

/** Works on whole folders in a thread, on messages. */
export const bundledTreeThread: string | undefined =
  typeof HOLDFAST_TREES_PROGRAM === "undefined" ? undefined : HOLDFAST_TREES_PROGRAM;
