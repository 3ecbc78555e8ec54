import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { scratchCodexHome } from "./places.ts";
import type { ServeOptions } from "./scenario.ts";
import { type ServedExecutor, serveExecutor } from "./served-executor.ts";

function concurrency(release: Release, { concurrentRequests }: ServeOptions): readonly string[] {
  return concurrentRequests !== undefined && isAtLeast(release.version, "0.150.0")
    ? ["--concurrent-requests", String(concurrentRequests)]
    : [];
}

/** Start `codex exec-server` of a release on a free loopback port, with a scratch home and `cwd` as its folder. */
export async function startReferenceExecutor(
  release: Release,
  cwd: string,
  options: ServeOptions = {},
): Promise<ServedExecutor> {
  const home = await scratchCodexHome();
  try {
    const served = await serveExecutor({
      program: release.program,
      args: ["exec-server", "--listen", "ws://127.0.0.1:0", ...concurrency(release, options)],
      cwd,
      env: { ...process.env, CODEX_HOME: home.path, RUST_LOG: "error", ...options.env },
      shellPrelude: options.shellPrelude,
    });
    return {
      ...served,
      [Symbol.asyncDispose]: async () => {
        await served[Symbol.asyncDispose]();
        await home[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await home[Symbol.asyncDispose]();
    throw error;
  }
}
