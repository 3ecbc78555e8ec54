import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect, type Executor } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";

type Place = AsyncDisposable & { readonly executor: Executor };

/** As the one of the environment `local`. */
export async function embeddedExecutor(): Promise<Place> {
  const [near, far] = memoryLink();
  const embedded = createExecutor({ env: process.env, cwd: "/", version: "0.0.0" });
  embedded.accept(far);
  const executor = await connect(near);
  const dispose = async (): Promise<void> => {
    await executor.close();
    await embedded.close();
  };
  return { executor, [Symbol.asyncDispose]: dispose };
}

/** `holdfast serve` in a process of its own, over loopback. */
export async function servedExecutor(): Promise<Place> {
  const program = fileURLToPath(
    import.meta.resolve("holdfast/package.json").replace("package.json", "bin/holdfast.mjs"),
  );
  const child = spawn(process.execPath, [program, "serve", "--listen", "ws://127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const executor = await connect(url);
  const dispose = async (): Promise<void> => {
    await executor.close();
    child.kill("SIGTERM");
    await exited;
  };
  return { executor, [Symbol.asyncDispose]: dispose };
}
