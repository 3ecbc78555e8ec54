import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endChild, ownChild } from "../owned.ts";
import type { LoopCost } from "./turn-meter.ts";

const HOST = fileURLToPath(new URL("host.ts", import.meta.url));

/** An executor in a process of its own whose event loop can be measured. */
export class MeasuredExecutor implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** @param cwd - Its working folder. */
  static async start(cwd: string): Promise<MeasuredExecutor> {
    const child = ownChild(fork(HOST, [], { cwd, stdio: ["ignore", "inherit", "inherit", "ipc"] }));
    const { url } = (await word(child)) as { readonly url: string };
    return new MeasuredExecutor(child, url);
  }

  /** What `act` costs the event loop. */
  async during(act: () => Promise<void>): Promise<LoopCost> {
    this.#child.send("start");
    await word(this.#child);
    await act();
    this.#child.send("stop");
    return (await word(this.#child)) as LoopCost;
  }

  /** How much slower than usual its machine is just now. */
  async slowness(): Promise<number> {
    this.#child.send("calibrate");
    return ((await word(this.#child)) as { readonly slowness: number }).slowness;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return endChild(this.#child);
  }
}

async function word(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const gone = () => ended.abort(new Error("the measured executor has ended"));
  child.once("exit", gone);
  try {
    const [message] = await once(child, "message", { signal: ended.signal });
    return message;
  } finally {
    child.off("exit", gone);
  }
}
