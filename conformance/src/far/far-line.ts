import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { endChild } from "../owned.ts";
import type { Host } from "./host.ts";
import { readPackets, writePacket } from "./packet-stream.ts";

const TUN_END = fileURLToPath(new URL("./tun-end.ts", import.meta.url));

export interface FarLineOptions {
  /** Interface at both ends. */
  readonly device: string;
  /** Milliseconds that a packet is under way. */
  readonly oneWayMs: number;
  /** Share of the packets that never arrive, 0 to 1. */
  readonly loss: number;
}

/** A line between two hosts, with a delay, that loses packets and can be cut altogether. */
export class FarLine implements AsyncDisposable {
  readonly #options: FarLineOptions;
  readonly #hosts: readonly Host[];
  #ends: readonly ChildProcess[] = [];
  #isCut = false;
  /** Packets that were taken, and those of them that were lost by chance or by a cut. */
  packets = 0;
  lost = 0;

  constructor(near: Host, far: Host, options: FarLineOptions) {
    this.#options = options;
    this.#hosts = [near, far];
  }

  /** The hosts are ready. */
  open(): void {
    const argv = [process.execPath, TUN_END, this.#options.device];
    this.#ends = this.#hosts.map((host) => host.spawn(argv, { stdio: ["pipe", "pipe", "inherit"] }));
    const [here, there] = this.#ends as [ChildProcess, ChildProcess];
    this.#carry(here, there);
    this.#carry(there, here);
  }

  /** While it is cut, nothing arrives. What is under way is lost as well. */
  set isCut(isCut: boolean) {
    this.#isCut = isCut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ends.map((end) => endChild(end)));
  }

  #carry(from: ChildProcess, to: ChildProcess): void {
    const { stdout } = from;
    const { stdin } = to;
    if (stdout === null || stdin === null) throw new Error("an end of the line has no pipes");
    stdin.on("error", () => {});
    const { oneWayMs, loss } = this.#options;
    readPackets(stdout, (packet) => {
      this.packets += 1;
      if (this.#isCut || Math.random() < loss) {
        this.lost += 1;
        return;
      }
      setTimeout(() => {
        if (this.#isCut) this.lost += 1;
        else writePacket(stdin, packet);
      }, oneWayMs);
    });
  }
}
