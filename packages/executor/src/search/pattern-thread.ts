import { Worker } from "node:worker_threads";
import { type LineMatch, type LineSearch, matchLines } from "./match-lines.ts";
import { PATTERN_PATIENCE_MS, type RunLineSearch, tooSlow } from "./pattern.ts";

interface Job {
  readonly search: LineSearch;
  readonly resolve: (matches: LineMatch[]) => void;
  readonly reject: (reason: Error) => void;
}

type Answer = { readonly matches: LineMatch[] } | { readonly message: string };

interface Delay {
  after(delayMs: number, run: () => void): { cancel(): void };
}

/** How long a thread without work waits for some. */
const IDLE_MS = 10_000;
const MEMORY_MB = 256;

/** What the thread is: nothing is loaded, from disk or from anywhere. */
const PROGRAM = `
import { parentPort } from "node:worker_threads";
const matchLines = ${matchLines.toString()};
parentPort.on("message", (search) => {
  try {
    parentPort.postMessage({ matches: matchLines(search) });
  } catch (thrown) {
    parentPort.postMessage({ message: String(thrown) });
  }
});
`;

/**
 * Runs searches beside the event loop, one after the other: a regular expression may take for ever. One that does is ended, and the thread
 * with it.
 */
export class PatternThread {
  readonly #delay: Delay;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #running: Job | undefined;
  #timer: { cancel(): void } | undefined;

  constructor(delay: Delay) {
    this.#delay = delay;
  }

  readonly run: RunLineSearch = (search) => {
    const { promise, resolve, reject } = Promise.withResolvers<LineMatch[]>();
    this.#waiting.push({ search, resolve, reject });
    this.#next();
    return promise;
  };

  #next(): void {
    if (this.#running !== undefined) return;
    this.#timer?.cancel();
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#timer = this.#delay.after(IDLE_MS, () => this.#drop());
      this.#worker?.unref();
      return;
    }
    this.#running = job;
    this.#timer = this.#delay.after(PATTERN_PATIENCE_MS, () => this.#fail(tooSlow()));
    try {
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#worker.postMessage(job.search);
    } catch (thrown) {
      this.#fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    const failed = (reason: Error): void => {
      if (this.#worker === worker) this.#fail(reason);
    };
    worker.on("message", (answer: Answer) => {
      if (this.#worker !== worker) return;
      if ("message" in answer) return failed(new Error(answer.message));
      const job = this.#running;
      this.#running = undefined;
      job?.resolve(answer.matches);
      this.#next();
    });
    worker.on("error", failed);
    worker.on("exit", () => failed(new Error("the thread that searches has ended")));
    return worker;
  }

  /** The thread is of no more use, and what it was at has no answer. */
  #fail(reason: Error): void {
    const job = this.#running;
    this.#drop();
    job?.reject(reason);
    if (this.#waiting.length > 0) this.#next();
  }

  #drop(): void {
    this.#timer?.cancel();
    this.#running = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}
