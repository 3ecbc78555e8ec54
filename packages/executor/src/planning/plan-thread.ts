import { extname } from "node:path";
import type { Clock } from "@holdfast/rpc";
import { type LaunchPlan, SandboxError } from "@holdfast/sandbox";
import { bundledPlanThread } from "../platform/bundled-program.ts";
import { JobThread } from "../platform/job-thread.ts";
import { MAX_WAITING_PLANS, PLAN_PATIENCE_MS, THREAD_IDLE_MS, THREAD_MEMORY_MB } from "./limits.ts";
import type { PlanAnswer, PlanRequest } from "./plan-messages.ts";

/** Makes plans beside the event loop, see {@link JobThread}. */
export class PlanThread {
  readonly #thread: JobThread<PlanRequest, PlanAnswer>;
  #state: "open" | "closed" = "open";

  constructor(delay: Pick<Clock, "after">) {
    this.#thread = new JobThread({
      program: () => bundledPlanThread ?? unbundledProgram(),
      memoryMb: THREAD_MEMORY_MB,
      patienceMs: () => PLAN_PATIENCE_MS,
      idleMs: THREAD_IDLE_MS,
      tooLong,
      noThread,
      delay,
    });
  }

  /** Rejects with a SandboxError when nothing may be started. */
  plan(request: PlanRequest): Promise<LaunchPlan> {
    if (this.#state === "closed") throw shuttingDown();
    if (this.#thread.waitingCount >= MAX_WAITING_PLANS) {
      throw new SandboxError("unenforceable", `more than ${MAX_WAITING_PLANS} large profiles wait for their turn`);
    }
    return this.#thread.run(request).then(planOf);
  }

  /** End the thread; what waits and what comes later is refused. */
  close(): void {
    this.#state = "closed";
    this.#thread.close(shuttingDown());
  }
}

function planOf(answer: PlanAnswer): LaunchPlan {
  if (answer.kind === "planned") return answer.plan;
  throw answer.kind === "refused" ? new SandboxError(answer.code, answer.message) : new Error(answer.message);
}

function tooLong(): SandboxError {
  const reason = `the permissions could not be worked out within ${PLAN_PATIENCE_MS / 1_000} s: use fewer entries or patterns`;
  return new SandboxError("unenforceable", reason);
}

function noThread(cause: unknown): SandboxError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SandboxError("unenforceable", `no thread could work the permissions out: ${why}`, { cause });
}

function shuttingDown(): SandboxError {
  return new SandboxError("unenforceable", "the executor is shutting down");
}

function unbundledProgram(): string {
  const program = new URL(`./plan-thread-main${extname(import.meta.url)}`, import.meta.url);
  return `import { servePlansAsThread } from ${JSON.stringify(program)}; servePlansAsThread();`;
}
