import { connect, type Executor } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { type ExecEvent, UnifiedExec, type UnifiedExecOptions } from "../../../src/index.ts";

/** A real executor inside this process, with a folder of its own. */
export interface Machine extends AsyncDisposable {
  readonly folder: TempDir;
  readonly executor: Executor;
}

export interface MachineOptions {
  /** What the executor has besides the environment of the test. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export async function machine({ env = {} }: MachineOptions = {}): Promise<Machine> {
  const folder = await tempDir();
  const [near, far] = memoryLink();
  const embedded = createExecutor({
    env: { ...process.env, TMPDIR: folder.path, ...env },
    cwd: folder.path,
    version: "0.0.0",
  });
  embedded.accept(far);
  const executor = await connect(near);
  return {
    folder,
    executor,
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await embedded.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Commands on such an executor, by default without a sandbox. */
export interface Workshop extends Machine {
  readonly exec: UnifiedExec;
  readonly events: readonly ExecEvent[];
}

export type WorkshopOptions = Partial<UnifiedExecOptions> & MachineOptions;

export async function workshop({ env, ...options }: WorkshopOptions = {}): Promise<Workshop> {
  const at = await machine({ env });
  const events: ExecEvent[] = [];
  const exec = new UnifiedExec({
    environments: (id) =>
      id === undefined || id === "here"
        ? { id: "here", executor: at.executor, cwd: at.folder.path, isRemote: true }
        : undefined,
    settings: { sandbox: "none", login: false },
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    ...at,
    exec,
    events,
    [Symbol.asyncDispose]: async () => {
      await exec.close();
      await at[Symbol.asyncDispose]();
    },
  };
}
