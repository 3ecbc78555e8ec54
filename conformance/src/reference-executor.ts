import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { scratchCodexHome } from "./places.ts";
import type { ServeOptions } from "./scenario.ts";
import { type ServedExecutor, serveExecutor } from "./served-executor.ts";

function concurrency(release: Release, { concurrentRequests }: ServeOptions): readonly string[] {
  return concurrentRequests !== undefined && isAtLeast(release.version, "0.150.0")
    ? ["--concurrent-requests", String(concurrentRequests)]
    : [];
}

/** They may name another place to listen. */
function listenArgs({ args = [] }: ServeOptions): readonly string[] {
  return args.includes("--listen") ? args : ["--listen", "ws://127.0.0.1:0", ...args];
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
      args: ["exec-server", ...concurrency(release, options), ...listenArgs(options)],
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
