import { connect, type Executor, type ExecutorState } from "@holdfast/exec-client";
import { BadLine, until } from "@holdfast/testkit";
import { pause } from "./pause.ts";
import type { CutKind } from "./plan.ts";

/** A line on which nothing passes is cut all the same after so long. */
const STRIKE_WAIT_MS = 300;
const RECONNECT_MS = 30_000;

/** One session of the client, over one line that is cut on demand. */
export class SoakedLine implements AsyncDisposable {
  /** Milliseconds from each cut until the session was healed. Cuts that fall into a recovery prolong its pause. */
  readonly pausesMs: number[] = [];
  readonly executor: Executor;
  readonly #bad: BadLine;
  readonly #heal: { onState: (state: ExecutorState) => void };
  #brokenAtMs: number | undefined;

  private constructor(bad: BadLine, executor: Executor, heal: { onState: (state: ExecutorState) => void }) {
    this.#bad = bad;
    this.executor = executor;
    this.#heal = heal;
    this.#heal.onState = (state) => this.#onState(state);
  }

  static async to(url: string): Promise<SoakedLine> {
    const bad = await BadLine.to(url);
    const heal = { onState: (_: ExecutorState): void => {} };
    try {
      const executor = await connect(bad.url, { onStateChange: (state) => heal.onState(state) });
      return new SoakedLine(bad, executor, heal);
    } catch (error) {
      await bad[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Lose the line once. A line that is just being dialled is waited for, and lost in the middle of its handshake. */
  async cut(kind: CutKind): Promise<void> {
    const bad = this.#bad;
    await until(() => bad.openCount > 0, { deadlineMs: RECONNECT_MS, intervalMs: 2, what: "a connection to cut" });
    if (kind.kind === "after") await this.#cutAfter(kind);
    else await this.#cutAtOnce(kind);
  }

  /** Resolves when the session is connected; rejects when that takes too long. */
  async healed(): Promise<void> {
    await until(() => this.executor.state === "connected", { deadlineMs: RECONNECT_MS, what: "a healed session" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.executor.close();
    await this.#bad[Symbol.asyncDispose]();
  }

  async #cutAfter({ direction, bytes }: Extract<CutKind, { kind: "after" }>): Promise<void> {
    const bad = this.#bad;
    const { connectionCount } = bad;
    const isCut = (): boolean => bad.openCount === 0 || bad.connectionCount > connectionCount;
    bad.cutAfter(direction, bytes);
    const endMs = performance.now() + STRIKE_WAIT_MS;
    while (!isCut() && performance.now() < endMs) await pause(2);
    bad.cutAfter(direction, Number.POSITIVE_INFINITY);
    if (!isCut()) this.#reset();
  }

  async #cutAtOnce(kind: Exclude<CutKind, { kind: "after" }>): Promise<void> {
    if (kind.kind === "stall") {
      this.#brokenAtMs ??= performance.now();
      this.#bad.stall();
      await pause(kind.stallMs);
    }
    if (kind.kind === "outage") this.#bad.refuse();
    this.#reset();
    if (kind.kind === "outage") {
      await pause(kind.outageMs);
      this.#bad.admit();
    }
  }

  #reset(): void {
    this.#brokenAtMs ??= performance.now();
    this.#bad.cut();
  }

  #onState(state: ExecutorState): void {
    if (state === "recovering") this.#brokenAtMs ??= performance.now();
    if (state !== "connected" || this.#brokenAtMs === undefined) return;
    this.pausesMs.push(performance.now() - this.#brokenAtMs);
    this.#brokenAtMs = undefined;
  }
}
