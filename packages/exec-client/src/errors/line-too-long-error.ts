/** A process prints a line that is longer than its reader keeps. */
export class LineTooLongError extends Error {
  override readonly name = "LineTooLongError";
  readonly code = "line-too-long";
  readonly processId: string;
  /** The bound. */
  readonly maxLineBytes: number;

  constructor(processId: string, maxLineBytes: number) {
    super(`process ${processId} prints a line of more than ${maxLineBytes} bytes; a larger maxLineBytes takes it`);
    this.processId = processId;
    this.maxLineBytes = maxLineBytes;
  }
}
