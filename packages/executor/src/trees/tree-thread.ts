import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { FileSystemFault } from "../filesystem/index.ts";
import { bundledTreeThread } from "../platform/bundled-program.ts";
import { TREE_THREAD_MEMORY_MB } from "./limits.ts";
import type { TreeAnswer, TreeOperation, TreeOperations } from "./tree-messages.ts";

interface Waiting {
  readonly resolve: (answered: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * A thread that works on trees, one operation after the other: each call into the system is waited for there, which costs a
 * fraction of what it does over the event loop, and keeps nobody else waiting.
 */
export class TreeThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onEnd: () => void;
  #lastId = 0;
  #state: "running" | "ended" = "running";

  /** @param onEnd - Called once, when it is of no more use. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = new Worker(programUrl(), {
      // Nothing of the environment reaches what loads there.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: TREE_THREAD_MEMORY_MB },
    });
    this.#worker.on("message", (answer: TreeAnswer) => this.#answered(answer));
    this.#worker.on("error", (error) => this.#fail(`the thread that works on folders failed: ${error.message}`));
    this.#worker.on("exit", () => this.#fail("the thread that works on folders has ended"));
    this.#worker.unref();
  }

  /** Operations that are not answered. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Rejects with a FileSystemFault. */
  run<Name extends TreeOperation>(
    operation: Name,
    given: TreeOperations[Name]["given"],
  ): Promise<TreeOperations[Name]["answered"]> {
    if (this.#state === "ended") return Promise.reject(fault("the thread that worked on it has ended"));
    const { promise, resolve, reject } = Promise.withResolvers<TreeOperations[Name]["answered"]>();
    this.#lastId += 1;
    if (this.#waiting.size === 0) this.#worker.ref();
    this.#waiting.set(this.#lastId, { resolve: resolve as Waiting["resolve"], reject });
    this.#worker.postMessage({ id: this.#lastId, operation, given });
    return promise;
  }

  /** What is not answered fails. Idempotent. */
  end(): void {
    this.#fail("the executor is shutting down");
    void this.#worker.terminate();
  }

  #answered(answer: TreeAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (answer.kind === "done") waiting?.resolve(answer.answered);
    else waiting?.reject(new FileSystemFault(answer.fault.kind, answer.fault.message, { code: answer.fault.code }));
  }

  #fail(reason: string): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(fault(reason));
    this.#onEnd();
  }
}

function fault(message: string): FileSystemFault {
  return new FileSystemFault("other", message);
}

/** Of the program's text, so that nothing has to be on disk where this package is part of a bundle. */
function programUrl(): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(bundledTreeThread ?? unbundledProgram())}`);
}

function unbundledProgram(): string {
  const program = new URL(`./tree-thread-main${extname(import.meta.url)}`, import.meta.url);
  return `import { serveTreesAsThread } from ${JSON.stringify(program)}; serveTreesAsThread();`;
}
