import { HOLDFAST_BIN } from "./places.ts";
import type { ServeOptions } from "./scenario.ts";
import { type ServedExecutor, serveExecutor } from "./served-executor.ts";

/** Start our own `holdfast serve` on a free loopback port, with `cwd` as its folder. */
export function startHoldfastExecutor(
  cwd: string,
  options: ServeOptions & { readonly args?: readonly string[] } = {},
): Promise<ServedExecutor> {
  return serveExecutor({
    program: process.execPath,
    args: [HOLDFAST_BIN, "serve", "--listen", "ws://127.0.0.1:0", ...(options.args ?? [])],
    cwd,
    env: { ...process.env, ...options.env },
    shellPrelude: options.shellPrelude,
  });
}
