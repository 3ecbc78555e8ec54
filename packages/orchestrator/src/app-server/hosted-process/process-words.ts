/** How one kind of processes is spoken of in errors. */
export interface ProcessWords {
  readonly duplicate: (id: string) => string;
  readonly unknown: (id: string) => string;
  readonly ended: (id: string) => string;
  readonly inputIsOff: string;
  readonly nothingToWrite: string;
  readonly emptySize: string;
  /** Followed by the reason. */
  readonly startFailed: string;
}

/** Those of `command/exec`. */
export const COMMAND_WORDS: ProcessWords = {
  duplicate: (id) => `duplicate active command/exec process id: ${JSON.stringify(id)}`,
  unknown: (id) => `no active command/exec for process id ${JSON.stringify(id)}`,
  ended: (id) => `command/exec ${JSON.stringify(id)} is no longer running`,
  inputIsOff: "stdin streaming is not enabled for this command/exec",
  nothingToWrite: "command/exec/write requires deltaBase64 or closeStdin",
  emptySize: "command/exec size rows and cols must be greater than 0",
  startFailed: "failed to spawn command",
};

/** Those of `process/spawn`. */
export const PROCESS_WORDS: ProcessWords = {
  duplicate: (id) => `duplicate active process handle: ${JSON.stringify(id)}`,
  unknown: (id) => `no active process for process handle ${JSON.stringify(id)}`,
  ended: (id) => `process ${JSON.stringify(id)} is no longer running`,
  inputIsOff: "stdin streaming is not enabled for this process",
  nothingToWrite: "process/writeStdin requires deltaBase64 or closeStdin",
  emptySize: "process size rows and cols must be greater than 0",
  startFailed: "failed to spawn process",
};
