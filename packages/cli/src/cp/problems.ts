/** What did not go as asked while the rest went on. One line each; the copy then ends with exit code 1. */
export class Problems {
  readonly #tell: (line: string) => void;
  #count = 0;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  get count(): number {
    return this.#count;
  }

  /** Tell about something that is missing from the copy. */
  report(line: string): void {
    this.#count += 1;
    this.#tell(line.replaceAll(/\s*\n\s*/g, "; "));
  }

  /** Tell about something that is less than it could be. Does not change the exit code. */
  warn(line: string): void {
    this.#tell(`warning: ${line}`);
  }
}
