import type { RunningProcess } from "@holdfast/exec-client";
import { type Clock, systemClock } from "@holdfast/rpc";
import type { SandboxExecResult } from "@openai/agents/sandbox";
import { PendingOutput, shortened } from "./command-output.ts";

/** After the exit of a command, how long output that its descendants hold open is waited for. */
const EXIT_DRAIN_MS = 100;

/** How long to wait for a command, and how much of it to tell. */
export interface LookOptions {
  readonly yieldTimeMs: number;
  readonly maxOutputTokens?: number | undefined;
}

/** A command of a session, from one look to the next. */
export class Command {
  readonly process: RunningProcess;
  readonly hasTerminal: boolean;
  readonly #clock: Clock;
  readonly #pending = new PendingOutput();
  readonly #finished: Promise<void>;
  #exitCode: number | undefined;
  #isFinished = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(process: RunningProcess, hasTerminal: boolean, clock = systemClock) {
    this.#clock = clock;
    this.process = process;
    this.hasTerminal = hasTerminal;
    const closed = this.#collect();
    const exited = process.exited.then(() => within(closed, EXIT_DRAIN_MS, clock));
    this.#finished = Promise.race([closed, exited.catch(() => closed)]).then(() => {
      this.#isFinished = true;
    });
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** @throws unknown - Its output was lost, or the connection is gone for good. */
  async look({ yieldTimeMs, maxOutputTokens }: LookOptions, startedAt: number): Promise<SandboxExecResult> {
    await within(this.#finished, yieldTimeMs, this.#clock);
    if (this.#failure !== undefined) throw this.#failure.error;
    const { output, stdout, stderr } = this.#pending.take();
    const { text, ...count } = shortened(output, maxOutputTokens);
    const wallTimeSeconds = (performance.now() - startedAt) / 1_000;
    const end = this.#isFinished && this.#exitCode !== undefined ? { exitCode: this.#exitCode } : {};
    return { output: text, stdout, stderr, wallTimeSeconds, ...end, ...count };
  }

  /** Read to its end, so that what goes on behind an exited command is not held back. */
  async #collect(): Promise<void> {
    try {
      for await (const event of this.process.events()) {
        if (event.type === "exited") this.#exitCode = event.exitCode;
        if (event.type !== "output" || this.#isFinished) continue;
        this.#pending.add(event.stream === "stderr" ? "stderr" : "stdout", event.data);
      }
    } catch (error) {
      this.#failure = { error };
    }
  }
}

/** Waits for what never rejects. */
async function within(settled: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const { promise: elapsed, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  await Promise.race([settled, elapsed]);
  timer.cancel();
}
