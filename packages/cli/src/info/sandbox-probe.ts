import { randomUUID } from "node:crypto";
import type { Executor } from "@holdfast/exec-client";
import { displayPath, join, pathUriFromNative } from "@holdfast/path-uri";
import { reasonOf } from "../command-line/failure.ts";

/** What an executor makes of a request to confine a command. */
export interface SandboxProbe {
  readonly usable: boolean;
  /** As the executor calls it, e.g. `linuxSeccomp`; undefined when it does not say or there is none. */
  readonly type: string | undefined;
  /** Why there is none. */
  readonly reason: string | undefined;
}

/** What the attempt exits with when a forbidden write went through. */
const EXIT_WRITTEN = 77;
const ATTEMPT = `if (: >"$1") 2>/dev/null; then rm -f "$1"; exit ${EXIT_WRITTEN}; fi`;

/** Ask by starting a command that may only read and tries to write. */
export async function probeSandbox(executor: Executor): Promise<SandboxProbe> {
  const { environment } = executor;
  // Old executors tell neither their folder, which a process needs, nor one for temporary files.
  const cwd = environment.cwd ?? pathUriFromNative("/", "posix");
  const folder = environment.tempDir ?? pathUriFromNative("/tmp", "posix");
  try {
    const target = displayPath(join(folder, `holdfast-info-${randomUUID()}`));
    const argv = ["/bin/sh", "-c", ATTEMPT, "sh", target];
    await using process = await executor.processes.start({ argv, cwd, sandbox: "read-only" });
    const { exitCode } = await process.closed;
    const type = process.sandboxType ?? undefined;
    if (exitCode === 0) return { usable: true, type, reason: undefined };
    return { usable: false, type, reason: refusalOf(exitCode) };
  } catch (error) {
    return { usable: false, type: undefined, reason: reasonOf(error) };
  }
}

function refusalOf(exitCode: number): string {
  if (exitCode === EXIT_WRITTEN) return "a command that may only read could write";
  return `a confined command that does nothing ended with ${exitCode}`;
}
