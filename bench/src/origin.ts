import { fork } from "node:child_process";
import { once } from "node:events";

const PROGRAM = new URL("./programs/http-origin.ts", import.meta.url);

/** An HTTP server for bodies, as a process of its own. */
export interface Origin extends Disposable {
  readonly url: string;
}

export async function startOrigin(): Promise<Origin> {
  const child = fork(PROGRAM);
  const [port] = (await once(child, "message")) as [number];
  return { url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => child.kill("SIGKILL") };
}
