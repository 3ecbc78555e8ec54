import { HOLDFAST_BIN } from "./places.ts";
import type { ServeOptions } from "./scenario.ts";
import { type ServedExecutor, serveExecutor } from "./served-executor.ts";

/** They may name another place to listen. */
function listenArgs({ args = [] }: ServeOptions): readonly string[] {
  return args.includes("--listen") ? args : ["--listen", "ws://127.0.0.1:0", ...args];
}

/** Start our own `holdfast serve` on a free loopback port, with `cwd` as its folder. */
export function startHoldfastExecutor(cwd: string, options: ServeOptions = {}): Promise<ServedExecutor> {
  return serveExecutor({
    program: process.execPath,
    args: [HOLDFAST_BIN, "serve", ...listenArgs(options)],
    cwd,
    env: { ...process.env, ...options.env },
    shellPrelude: options.shellPrelude,
  });
}
