import type { Executor } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import { reasonOf } from "../command-line/failure.ts";
import { sandboxContext } from "../exec/sandbox-context.ts";

/** What an executor makes of a request to confine a command. */
export interface SandboxProbe {
  readonly usable: boolean;
  /** As the executor calls it, e.g. `linuxSeccomp`; undefined when it does not say or there is none. */
  readonly type: string | undefined;
  /** Why there is none. */
  readonly reason: string | undefined;
}

/** Ask by starting a command that does nothing, confined to reading. */
export async function probeSandbox(executor: Executor): Promise<SandboxProbe> {
  const { environment } = executor;
  // Old executors do not tell their folder, and a process needs one.
  const cwd = environment.cwd ?? pathUriFromNative("/", "posix");
  const sandbox = sandboxContext("read-only", cwd, environment);
  try {
    await using process = await executor.processes.start({ argv: ["/bin/sh", "-c", "exit 0"], cwd, sandbox });
    const { exitCode } = await process.closed;
    const type = process.sandboxType ?? undefined;
    if (exitCode === 0) return { usable: true, type, reason: undefined };
    return { usable: false, type, reason: `a confined command that does nothing ended with ${exitCode}` };
  } catch (error) {
    return { usable: false, type: undefined, reason: reasonOf(error) };
  }
}
