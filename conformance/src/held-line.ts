import { HOLDFAST_BIN } from "./places.ts";
import { type ServedExecutor, serveExecutor } from "./served-executor.ts";

/** Start `holdfast connect` to an executor: what it serves is that executor, over a line that it holds. */
export function startHeldLine(far: string, cwd: string): Promise<ServedExecutor> {
  return serveExecutor({
    program: process.execPath,
    args: [HOLDFAST_BIN, "connect", "--url", far, "--listen", "ws://127.0.0.1:0"],
    cwd,
    env: process.env,
  });
}
