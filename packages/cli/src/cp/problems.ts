import { onOneLine } from "../command-line/printable.ts";

/** Most problems of one copy that are told one by one. A peer decides how many there are. */
const MAX_TOLD = 1_000;

/** What did not go as asked while the rest went on. One line each; the copy then ends with exit code 1. */
export class Problems {
  readonly #tell: (line: string) => void;
  #count = 0;
  #told = 0;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  get count(): number {
    return this.#count;
  }

  /** Tell about something that is missing from the copy. */
  report(line: string): void {
    this.#count += 1;
    this.#tellOne(line);
  }

  /** Tell about something that is less than it could be. Does not change the exit code. */
  warn(line: string): void {
    this.#tellOne(`warning: ${line}`);
  }

  #tellOne(line: string): void {
    this.#told += 1;
    if (this.#told < MAX_TOLD) this.#tell(onOneLine(line));
    else if (this.#told === MAX_TOLD) this.#tell("there are more problems: no more of them are shown");
  }
}
