import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "@holdfast/rpc";
import { type LaunchPlan, SandboxError } from "@holdfast/sandbox";
import { bundledPlanThread } from "../platform/bundled-program.ts";
import { MAX_WAITING_PLANS, PLAN_PATIENCE_MS, THREAD_IDLE_MS, THREAD_MEMORY_MB } from "./limits.ts";
import type { PlanAnswer, PlanRequest } from "./plan-messages.ts";

interface Job {
  readonly request: PlanRequest;
  readonly resolve: (plan: LaunchPlan) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Makes plans beside the event loop, one after the other. The thread is there while there is something to do and for a while
 * after; one that does not come to an end is ended.
 */
export class PlanThread {
  readonly #delay: Pick<Clock, "after">;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #running: Job | undefined;
  #timer: Timer | undefined;
  #state: "open" | "closed" = "open";

  constructor(delay: Pick<Clock, "after">) {
    this.#delay = delay;
  }

  /** Rejects with a SandboxError when nothing may be started. */
  plan(request: PlanRequest): Promise<LaunchPlan> {
    if (this.#state === "closed") throw shuttingDown();
    if (this.#waiting.length >= MAX_WAITING_PLANS) {
      throw new SandboxError("unenforceable", `more than ${MAX_WAITING_PLANS} large profiles wait for their turn`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<LaunchPlan>();
    this.#waiting.push({ request, resolve, reject });
    this.#next();
    return promise;
  }

  /** End the thread; what waits and what comes later is refused. */
  close(): void {
    this.#state = "closed";
    const jobs = [...(this.#running === undefined ? [] : [this.#running]), ...this.#waiting.splice(0)];
    this.#drop();
    for (const { reject } of jobs) reject(shuttingDown());
  }

  #next(): void {
    if (this.#running !== undefined) return;
    this.#timer?.cancel();
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#timer = this.#delay.after(THREAD_IDLE_MS, () => this.#drop());
      this.#worker?.unref();
      return;
    }
    this.#running = job;
    this.#timer = this.#delay.after(PLAN_PATIENCE_MS, () => {
      const reason = `the permissions could not be worked out within ${PLAN_PATIENCE_MS / 1_000} s: use fewer entries or patterns`;
      this.#fail(new SandboxError("unenforceable", reason));
    });
    this.#ask(job);
  }

  #ask({ request }: Job): void {
    try {
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#worker.postMessage(request);
    } catch (cause) {
      // The system has no thread left, as a rule. Those that wait must not do so for good.
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#fail(new SandboxError("unenforceable", `no thread could work the permissions out: ${why}`, { cause }));
    }
  }

  #start(): Worker {
    const worker = new Worker(programUrl(), {
      // Nothing of the environment reaches what loads there.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB },
    });
    const failed = (reason: Error): void => {
      if (this.#worker === worker) this.#fail(reason);
    };
    worker.on("message", (answer: PlanAnswer) => {
      if (this.#worker === worker) this.#answered(answer);
    });
    worker.on("error", failed);
    worker.on("exit", () => failed(new Error("the thread that plans has ended")));
    return worker;
  }

  #answered(answer: PlanAnswer): void {
    const job = this.#running;
    this.#running = undefined;
    if (answer.kind === "planned") job?.resolve(answer.plan);
    else if (answer.kind === "refused") job?.reject(new SandboxError(answer.code, answer.message));
    else job?.reject(new Error(answer.message));
    this.#next();
  }

  /** The thread is of no more use, and the plan that it was at is not made. */
  #fail(reason: Error): void {
    const job = this.#running;
    this.#drop();
    job?.reject(reason);
    this.#next();
  }

  #drop(): void {
    this.#timer?.cancel();
    this.#running = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}

function shuttingDown(): SandboxError {
  return new SandboxError("unenforceable", "the executor is shutting down");
}

/** Of the program's text, so that nothing has to be on disk where this package is part of a bundle. */
function programUrl(): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(bundledPlanThread ?? unbundledProgram())}`);
}

function unbundledProgram(): string {
  const program = new URL(`./plan-thread-main${extname(import.meta.url)}`, import.meta.url);
  return `import { servePlansAsThread } from ${JSON.stringify(program)}; servePlansAsThread();`;
}
