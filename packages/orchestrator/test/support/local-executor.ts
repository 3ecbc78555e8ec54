import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";
import type { TargetEnvironment } from "../../src/index.ts";

/** The environment of this machine: an executor inside this process, over a memory link. */
export interface LocalExecutor extends AsyncDisposable {
  readonly definition: TargetEnvironment;
  /** How often it was connected. */
  readonly connections: () => number;
}

export function localExecutor({
  cwd = "/",
  home,
}: {
  readonly cwd?: string;
  readonly home?: string;
} = {}): LocalExecutor {
  const env = { PATH: process.env.PATH, SHELL: "/bin/sh", HOME: home };
  const executor = createExecutor({ env, cwd, version: "1.2.3" });
  let connections = 0;
  const target = () => {
    connections += 1;
    const [near, far] = memoryLink();
    executor.accept(far);
    return near;
  };
  return {
    definition: { id: "local", target, isRemote: false, address: "inside this process" },
    connections: () => connections,
    [Symbol.asyncDispose]: () => executor.close(),
  };
}
