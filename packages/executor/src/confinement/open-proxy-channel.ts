import { closeSync } from "node:fs";
import { createProxyBridge, type LaunchPlan, type ProxyBridge, type ProxyChannel } from "@holdfast/sandbox";
import { makePipe } from "../platform/descriptors.ts";
import type { InheritedDescriptor } from "../platform/posix-spawn.ts";
import { makeSocketPair, receiveDescriptor } from "../platform/socket-pair.ts";
import { pipeReader } from "../process/index.ts";

/** The channel between a confined command and its proxy, from before its start until after its end. */
export class OpenProxyChannel {
  /** What the wrapper has to inherit. */
  readonly handed: readonly InheritedDescriptor[];
  readonly #bridge: ProxyBridge;
  readonly #channel: number;
  readonly #donePipe: ReturnType<typeof pipeReader>;
  #state: "preparing" | "open" | "closed" = "preparing";

  /**
   * @param failed - Called at most once, while it is open: the command has no proxy, or no longer.
   * @throws the operating system's error, e.g. `EMFILE`; nothing stays open then.
   */
  constructor({ proxyRoutes }: LaunchPlan, { socketFd, doneFd }: ProxyChannel, failed: (reason: Error) => void) {
    const [ours, theirs] = makeSocketPair();
    const donePipe = pipeOr(() => {
      for (const fd of [ours, theirs]) closeSync(fd);
    });
    this.#channel = ours;
    this.handed = [
      { from: theirs, to: socketFd },
      { from: donePipe.write, to: doneFd },
    ];
    this.#bridge = createProxyBridge(proxyRoutes, (reason) => {
      if (this.#state !== "closed") failed(reason);
    });
    // It brings no bytes: its end is the message.
    this.#donePipe = pipeReader(donePipe.read, () => {});
    // Waiting for the command keeps the program alive.
    this.#donePipe.on("error", () => {}).once("close", () => this.#received());
    this.#donePipe.unref();
  }

  /** The wrapper has its ends, or never will. */
  handedOver(): void {
    if (this.#state !== "preparing") return;
    this.#state = "open";
    for (const { from } of this.handed) closeSync(from);
  }

  /** The command has ended. Idempotent. */
  close(): void {
    this.handedOver();
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#donePipe.destroy();
    this.#bridge.close();
  }

  #received(): void {
    if (this.#state !== "closed") {
      for (let next = receiveDescriptor(this.#channel); next !== undefined; next = receiveDescriptor(this.#channel)) {
        const port = portIn(next.text);
        if (port === undefined) closeSync(next.fd);
        else this.#bridge.accept(port, { fd: next.fd });
      }
      this.#bridge.channelEnded();
    }
    closeSync(this.#channel);
  }
}

function pipeOr(undo: () => void): { readonly read: number; readonly write: number } {
  try {
    const ends = makePipe();
    if (ends === undefined) throw new Error("no pipe could be made");
    return { read: ends[0], write: ends[1] };
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

/** The text comes from the init program, before anything that is not trusted runs there. Other ports are dropped. */
function portIn(text: string): number | undefined {
  const [, port] = /"innerPort":(\d+)/.exec(text) ?? [];
  return port === undefined ? undefined : Number(port);
}
