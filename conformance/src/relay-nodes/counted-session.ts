import { connect, type Executor } from "@holdfast/exec-client";
import { pause } from "../soak/pause.ts";

const WRITE_EVERY_MS = 250;

/** A session with a command that says everything again; lines are counted on the way there and back. */
export class CountedSession {
  /** Answered so far. */
  answered = 0;
  /** Longest time without an answer, milliseconds. */
  longestSilenceMs = 0;
  readonly #executor: Executor;
  #written = 0;
  #isOver = false;
  #flaw: string | undefined;
  #running: Promise<void> | undefined;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  static async begin(url: string, token: string, cwd: string): Promise<CountedSession> {
    const executor = await connect(url, { token });
    const session = new CountedSession(executor);
    session.#running = session.#run(cwd).catch((error: Error) => {
      session.#flaw = error.message;
    });
    return session;
  }

  /** Write no more. @returns what is wrong with it, or nothing once every line was answered. */
  async end(): Promise<string | undefined> {
    this.#isOver = true;
    await this.#running;
    await this.#executor[Symbol.asyncDispose]();
    return this.#flaw;
  }

  async #run(cwd: string): Promise<void> {
    await using cat = await this.#executor.processes.start({ argv: ["/bin/cat"], cwd, pipeStdin: true });
    const writing = this.#write((line) => cat.write(line));
    writing.catch(() => {});
    let lastMs = performance.now();
    for await (const line of cat.lines()) {
      if (line === "end") break;
      if (line !== `line ${this.answered}`) throw new Error(`${line} in place of line ${this.answered}`);
      this.answered += 1;
      this.longestSilenceMs = Math.max(this.longestSilenceMs, performance.now() - lastMs);
      lastMs = performance.now();
    }
    await writing;
    if (this.answered !== this.#written) throw new Error(`${this.answered} of ${this.#written} lines were answered`);
    await cat.terminate();
    await cat.closed;
  }

  async #write(write: (line: string) => Promise<unknown>): Promise<void> {
    while (!this.#isOver) {
      await write(`line ${this.#written}\n`);
      this.#written += 1;
      await pause(WRITE_EVERY_MS);
    }
    await write("end\n");
  }
}
