import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ConnectOptions, connect, type Executor } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";
import type { McpEnvironments } from "../../src/index.ts";

const PROGRAM = fileURLToPath(new URL("../../../cli/bin/holdfast.mjs", import.meta.url));

/** Executors by the ids of their environments. Disposing closes them. */
export class Places implements McpEnvironments, AsyncDisposable {
  readonly #executors = new Map<string, Executor>();
  readonly #stack = new AsyncDisposableStack();

  has(id: string): boolean {
    return this.#executors.has(id);
  }

  async executor(id: string): Promise<Executor> {
    const executor = this.place(id);
    if (executor === undefined) throw new Error(`there is no environment ${id}`);
    return executor;
  }

  place(id: string): Executor | undefined {
    return this.#executors.get(id);
  }

  /** Register an executor under an id, in the place of another. */
  set(id: string, executor: Executor): void {
    this.#executors.set(id, executor);
    this.#stack.defer(() => executor.close());
  }

  /** An executor inside this process, as the one of `local` is. */
  async embed(id = "local"): Promise<Executor> {
    const [near, far] = memoryLink();
    const embedded = createExecutor({ env: process.env, cwd: "/", version: "0.0.0" });
    this.#stack.defer(() => embedded.close());
    embedded.accept(far);
    const executor = await connect(near);
    this.set(id, executor);
    return executor;
  }

  /** An executor in a process of its own. */
  async serve(
    id = "far",
    options: ConnectOptions = {},
  ): Promise<{ readonly executor: Executor; readonly url: string; readonly child: ChildProcess }> {
    const { url, child } = this.#stack.use(await servedExecutor());
    const executor = await connect(url, options);
    this.set(id, executor);
    return { executor, url, child };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** `holdfast serve` in a process of its own. */
export async function servedExecutor(): Promise<
  AsyncDisposable & { readonly url: string; readonly child: ChildProcess }
> {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--listen", "ws://127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
  };
  return { url, child, [Symbol.asyncDispose]: dispose };
}
