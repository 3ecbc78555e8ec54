/** What is used of the terminal of this program: of Node's `process.stdin`, or anything that acts like it. */
export interface LocalTerminalInput {
  /** Without a terminal, the end of the input is passed on as ctrl-D. */
  readonly isTTY?: boolean | undefined;
  readonly isRaw?: boolean | undefined;
  /** Whether it is being read already; it is paused afterwards unless it was. */
  readonly readableFlowing?: boolean | null | undefined;
  setRawMode?(isRaw: boolean): unknown;
  on(event: "data", listener: (data: Uint8Array | string) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  off(event: "data", listener: (data: Uint8Array | string) => void): unknown;
  off(event: "end", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** What is used of the terminal of this program: of Node's `process.stdout`, or anything that acts like it. */
export interface LocalTerminalOutput {
  /** Undefined where it is no terminal: then nothing is resized. */
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
  /** @param done - Called when it was written, with the error should that have failed. */
  write(data: Uint8Array, done: (error?: Error | null) => void): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** The terminal of this program. */
export interface LocalTerminal {
  readonly stdin: LocalTerminalInput;
  readonly stdout: LocalTerminalOutput;
}
