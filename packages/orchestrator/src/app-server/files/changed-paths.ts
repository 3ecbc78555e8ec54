import type { Clock, Timer } from "@holdfast/rpc";
import type { HostClient } from "../host-client.ts";
import { CHANGED_PATHS_MAX, CHANGES_TOGETHER_MS } from "./limits.ts";
import type { ChangeListener } from "./watched-path.ts";

/** Puts changes together for a client: those of some time, and those that come while it does not keep up. */
export class ChangedPaths implements ChangeListener {
  readonly #client: HostClient;
  readonly #clock: Clock;
  readonly #watchId: string;
  /** What is told where there is too much to tell. */
  readonly #whole: string;
  #paths = new Set<string>();
  #timer: Timer | undefined;
  #isClosed = false;

  constructor({
    client,
    clock,
    watchId,
    path,
  }: { readonly client: HostClient; readonly clock: Clock; readonly watchId: string; readonly path: string }) {
    this.#client = client;
    this.#clock = clock;
    this.#watchId = watchId;
    this.#whole = path;
  }

  add(...paths: readonly string[]): void {
    if (this.#isClosed) return;
    for (const path of paths) this.#paths.add(path);
    if (this.#paths.size > CHANGED_PATHS_MAX) this.#paths = new Set([this.#whole]);
    this.#timer ??= this.#clock.after(CHANGES_TOGETHER_MS, () => void this.#tell());
  }

  addAll(): void {
    this.add(this.#whole);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  async #tell(): Promise<void> {
    await this.#client.whenWritable();
    this.#timer = undefined;
    if (this.#isClosed) return;
    const changedPaths = [...this.#paths].toSorted();
    this.#paths.clear();
    this.#client.notify("fs/changed", { watchId: this.#watchId, changedPaths });
  }
}
