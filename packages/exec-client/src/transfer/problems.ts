import { oneLine } from "./one-line.ts";

/** Most problems of one transfer that are told one by one. A peer decides how many there are. */
const MAX_TOLD = 1_000;

/** What did not go as asked while the rest went on, one line each. */
export class Problems {
  readonly #tell: (line: string, kind: "problem" | "warning") => void;
  #count = 0;
  #told = 0;

  constructor(tell: (line: string, kind: "problem" | "warning") => void) {
    this.#tell = tell;
  }

  get count(): number {
    return this.#count;
  }

  /** Tell about something that is missing from the copy. */
  report(line: string): void {
    this.#count += 1;
    this.#tellOne(line, "problem");
  }

  /** Tell about something that is less than it could be. */
  warn(line: string): void {
    this.#tellOne(line, "warning");
  }

  #tellOne(line: string, kind: "problem" | "warning"): void {
    this.#told += 1;
    if (this.#told < MAX_TOLD) this.#tell(oneLine(line), kind);
    else if (this.#told === MAX_TOLD) this.#tell("there are more problems: no more of them are shown", kind);
  }
}
