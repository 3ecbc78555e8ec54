import { fork } from "node:child_process";
import { once } from "node:events";

const PROGRAM = new URL("./programs/delay-line.ts", import.meta.url);

/** A line to an executor on which every byte takes a while. A process of its own, so that it shares no loop with the client. */
export class DelayLine implements AsyncDisposable {
  readonly url: string;
  readonly #stop: () => void;

  private constructor(url: string, stop: () => void) {
    this.url = url;
    this.#stop = stop;
  }

  static async to(url: string, oneWayMs: number): Promise<DelayLine> {
    const child = fork(PROGRAM, [url, String(oneWayMs)]);
    const [port] = (await once(child, "message")) as [number];
    return new DelayLine(`ws://127.0.0.1:${port}`, () => child.kill("SIGKILL"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
  }
}
