import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** An executor that was started by an installed program. */
export interface Served extends AsyncDisposable {
  /** Where it listens on loopback. */
  readonly port: number;
}

/** Start `holdfast serve` by the program of a project, with this Node. */
export async function serveBy(program: string, cwd: string): Promise<Served> {
  // Where users can't be told apart, as within some containers, others are let in: this port is open for a minute.
  const args = [program, "serve", "--listen", "ws://127.0.0.1:0", "--allow-other-local-users"];
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const line = once(createInterface({ input: child.stdout }), "line");
  const [url] = (await Promise.race([line, closed])) as [unknown];
  if (typeof url !== "string") throw new Error(`${program} serve ended at once`);
  return {
    port: Number(new URL(url).port),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await closed;
    },
  };
}
