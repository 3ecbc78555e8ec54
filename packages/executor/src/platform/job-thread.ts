import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "@holdfast/rpc";

/** What a thread is, and what it may take. */
export interface JobThreadOptions<Request> {
  /** Text of its program, a module that answers each message with one. Nothing has to be on disk. Asked for when it is started. */
  readonly program: () => string;
  /** Of its heap, in megabytes. */
  readonly memoryMb: number;
  /** How long one job may take. */
  readonly patienceMs: (request: Request) => number;
  /** How long it waits for another job. */
  readonly idleMs: number;
  /** Why a job has no answer: it took too long. */
  readonly tooLong: (request: Request) => Error;
  /** The same, where no thread could be started. Default: what the system says. */
  readonly noThread?: (cause: unknown) => Error;
  readonly delay: Pick<Clock, "after">;
}

interface Job<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Does jobs beside the event loop, one after the other. The thread is there while there is something to do and for a while after; one
 * that does not come to an end is ended.
 */
export class JobThread<Request, Answer> {
  readonly #options: JobThreadOptions<Request>;
  readonly #waiting: Job<Request, Answer>[] = [];
  #worker: Worker | undefined;
  #running: Job<Request, Answer> | undefined;
  #timer: Timer | undefined;

  constructor(options: JobThreadOptions<Request>) {
    this.#options = options;
  }

  /** Jobs that wait for others. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Rejects when there is no answer. */
  run(request: Request): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push({ request, resolve, reject });
    this.#next();
    return promise;
  }

  /** End the thread. What runs and what waits is rejected. */
  close(reason: Error): void {
    const jobs = [...(this.#running === undefined ? [] : [this.#running]), ...this.#waiting.splice(0)];
    this.#drop();
    for (const { reject } of jobs) reject(reason);
  }

  #next(): void {
    if (this.#running !== undefined) return;
    this.#timer?.cancel();
    const { delay, patienceMs, idleMs } = this.#options;
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#timer = delay.after(idleMs, () => this.#drop());
      this.#worker?.unref();
      return;
    }
    this.#running = job;
    this.#timer = delay.after(patienceMs(job.request), () => this.#outOfTime(job));
    this.#ask(job);
  }

  /** Where the event loop was held up, the answer may be there and come behind this timer. */
  #outOfTime(job: Job<Request, Answer>): void {
    setImmediate(() => {
      if (this.#running === job) this.#fail(this.#options.tooLong(job.request));
    });
  }

  #ask({ request }: Job<Request, Answer>): void {
    try {
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#worker.postMessage(request);
    } catch (cause) {
      // The system has no thread left, as a rule. Those that wait must not do so for good.
      this.#fail(this.#options.noThread?.(cause) ?? (cause instanceof Error ? cause : new Error(String(cause))));
    }
  }

  #start(): Worker {
    const { program, memoryMb } = this.#options;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program())}`), {
      // Nothing of the environment reaches what loads there.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    const failed = (reason: Error): void => {
      if (this.#worker === worker) this.#fail(reason);
    };
    worker.on("message", (answer: Answer) => {
      if (this.#worker !== worker) return;
      const job = this.#running;
      this.#running = undefined;
      job?.resolve(answer);
      this.#next();
    });
    worker.on("error", failed);
    worker.on("exit", () => failed(new Error("the thread has ended")));
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
