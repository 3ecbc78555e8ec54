import type { ExitStatus, RunningProcess, SandboxDenial } from "@holdfast/exec-client";
import type { Clock } from "@holdfast/rpc";
import { CharacterStreams } from "./character-streams.ts";
import type { CommandPlan } from "./command-plan.ts";
import type { CommandReport, ProcessWatcher } from "./command-report.ts";
import { HeadTailBuffer, type RetainedBytes } from "./head-tail-buffer.ts";
import { Latch } from "./latch.ts";
import { EXIT_GRACE_MS } from "./limits.ts";

/** What is known of a process besides what it does. */
export interface ProcessFacts {
  /** For `write_stdin`. */
  readonly number: number;
  readonly plan: CommandPlan;
  readonly report: CommandReport;
  readonly isConfined: boolean;
  /** What its sandbox probably refused it, by what it printed. */
  readonly denialIn: (output: string) => SandboxDenial | undefined;
}

/** A process that was started for a command, from one look at it to the next. It is read to its end, whoever looks. */
export class ExecProcess implements ProcessFacts {
  readonly number: number;
  readonly plan: CommandPlan;
  readonly report: CommandReport;
  readonly isConfined: boolean;
  readonly denialIn: (output: string) => SandboxDenial | undefined;
  readonly process: RunningProcess;
  readonly #watcher: ProcessWatcher;
  /** Calls that wait for it: at first the one that started it. */
  waiters = 1;
  /** Opens when its end can be told: it has exited, and its output is closed or had some time for it. */
  readonly finished = new Latch();
  /** Resolves when nothing more can come of it, not even from what it left in the background. Never rejects. */
  readonly closed: Promise<void>;
  readonly #output = new HeadTailBuffer();
  readonly #characters = new CharacterStreams();
  #exit: ExitStatus | undefined;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(process: RunningProcess, { clock, ...facts }: ProcessFacts & { readonly clock: Clock }) {
    this.process = process;
    this.number = facts.number;
    this.plan = facts.plan;
    this.report = facts.report;
    this.isConfined = facts.isConfined;
    this.denialIn = facts.denialIn;
    this.#watcher = facts.report.watcherOf(facts.number);
    this.closed = this.#follow();
    void this.#finish(clock);
  }

  /** How it ended, as soon as that is known. */
  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  /** Whether its sandbox has refused it something, as far as its executor can tell. */
  get isDenied(): boolean {
    return this.isConfined && this.#exit?.sandboxDenied === true;
  }

  get isFinished(): boolean {
    return this.finished.isOpen;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why nothing more is known of it. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** What it has printed since the last time. */
  takeOutput(): RetainedBytes {
    if (this.isFinished) for (const rest of this.#characters.rest()) this.#output.push(rest);
    return this.#output.take();
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.process.events()) {
        if (event.type === "output") {
          if (!this.isFinished) this.#output.push(this.#characters.add(event.stream, event.data));
          this.#watcher.onOutput(event);
        } else if (event.type === "exited") {
          this.#exit = event;
          this.#watcher.onExit(event.exitCode);
        }
      }
    } catch (error) {
      // Behind what was told nothing is missing that anybody waits for.
      if (!this.isFinished) this.#failure = { error };
    }
    this.#isClosed = true;
  }

  async #finish(clock: Clock): Promise<void> {
    const { promise: grace, resolve } = Promise.withResolvers<void>();
    let timer: { cancel(): void } | undefined;
    const startGrace = (exit: ExitStatus): void => {
      this.#exit ??= exit;
      if (!this.#isClosed) timer = clock.after(EXIT_GRACE_MS, resolve);
    };
    this.process.exited.then(startGrace, () => {});
    await Promise.race([this.closed, grace]);
    timer?.cancel();
    this.finished.open();
  }
}
