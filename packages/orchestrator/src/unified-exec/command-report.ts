import type { ExitStatus, OutputEvent } from "@holdfast/exec-client";
import { displayPath } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import type { CommandPlan } from "./command-plan.ts";
import type { ExecEnd, ExecEvent } from "./exec-event.ts";
import { HeadTailBuffer } from "./head-tail-buffer.ts";
import { wholeText } from "./output-text.ts";

/** Takes events. What it throws is reported as an uncaught error, and changes nothing. */
export type ExecListener = (event: ExecEvent) => void;

/** Who hears of a process at once, before anybody that waits for it. */
export interface ProcessWatcher {
  onOutput(event: OutputEvent): void;
  onExit(exitCode: number): void;
}

/** A process whose end is that of its command. */
export interface FollowedProcess {
  readonly number: number;
  readonly exit: ExitStatus | undefined;
  /** Resolves when nothing more can come of it. */
  readonly closed: Promise<void>;
}

/** Tells what happens to one command. */
export class CommandReport {
  readonly #listener: ExecListener | undefined;
  readonly #callId: string;
  readonly #clock: Clock;
  readonly #begunAt: number;
  readonly #transcript: HeadTailBuffer | undefined;
  #isFollowed = false;

  constructor(listener: ExecListener | undefined, clock: Clock, plan: CommandPlan) {
    this.#listener = listener;
    this.#clock = clock;
    this.#begunAt = clock.now();
    this.#callId = plan.callId;
    this.#transcript = listener === undefined ? undefined : new HeadTailBuffer();
    const { callId, environment, argv, command, cwd } = plan;
    this.#tell({ type: "begin", callId, environmentId: environment.id, argv, command, cwd: displayPath(cwd) });
  }

  started(processId: number, sandboxed: boolean): void {
    this.#tell({ type: "started", callId: this.#callId, processId, sandboxed });
  }

  /** For one of its processes. */
  watcherOf(processId: number): ProcessWatcher {
    const callId = this.#callId;
    return {
      onOutput: ({ stream, data }) => {
        if (this.#listener === undefined) return;
        this.#transcript?.push(data);
        this.#tell({ type: "output", callId, processId, stream, data });
      },
      onExit: (exitCode) => this.#tell({ type: "exited", callId, processId, exitCode }),
    };
  }

  input(processId: number, chars: string): void {
    this.#tell({ type: "input", callId: this.#callId, processId, chars });
  }

  /** This is the process whose end is the command's, however long that takes. */
  follow(process: FollowedProcess): void {
    this.#isFollowed = true;
    void process.closed.then(() => {
      const exitCode = process.exit?.exitCode;
      this.#end(exitCode === 0 ? "completed" : "failed", process.number, exitCode);
    });
  }

  /** There will be no such process. */
  giveUp(status: "failed" | "declined"): void {
    if (!this.#isFollowed) this.#end(status);
  }

  #end(status: ExecEnd["status"], processId?: number, exitCode?: number): void {
    if (this.#transcript === undefined) return;
    const aggregatedOutput = wholeText(this.#transcript.take());
    const durationMs = this.#clock.now() - this.#begunAt;
    this.#tell({ type: "end", callId: this.#callId, processId, status, exitCode, aggregatedOutput, durationMs });
  }

  #tell(event: ExecEvent): void {
    if (this.#listener === undefined) return;
    try {
      this.#listener(event);
    } catch (error) {
      // A listener must not stop a command half-way.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
