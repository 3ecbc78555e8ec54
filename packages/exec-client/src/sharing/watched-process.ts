import { abortSignal, checkOptions, type OptionChecks, wholeNumber } from "@holdfast/rpc/client";
import { asUint8Array } from "../as-uint8-array.ts";
import type { ProcessEvent } from "../process/events.ts";
import { type SignalName, signalName } from "../process/signal-names.ts";
import type { TerminalSize } from "../process/terminal-size.ts";
import { type SharingSession, TakenInput } from "./taken-input.ts";

/** What an answer waits for news at most, and how much of the output it has, in bytes. */
const LOOK_MS = 10_000;
const LOOK_MAX_BYTES = 1_048_576;

/** Output that was no longer kept when it was to be read, in events: pieces of output, and maybe the exit. */
export interface MissedEvents {
  readonly type: "missed";
  /** Number of the last of them. */
  readonly seq: number;
  readonly count: number;
}

/** Who types into a process: its own client, this one (see {@link WatchedProcess.takeInput}), or one more. */
export type InputHolder = "owner" | "self" | "other";

/** What a reader along can be told. */
export interface WatchEventsOptions {
  /** Leave out events up to this number. Default 0: from the oldest that the executor still has. */
  readonly afterSeq?: number | undefined;
  /** End it: rejects with `AbortError` or `TimeoutError`. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: OptionChecks<WatchEventsOptions> = { afterSeq: wholeNumber(0), signal: abortSignal };

/** A process of another client's session, which stays with that client. Made by `executor.processes.watch`. */
export class WatchedProcess {
  readonly sessionId: string;
  readonly id: string;
  readonly #session: SharingSession;
  #terminal: TerminalSize | undefined;
  #inputHolder: InputHolder = "owner";

  constructor(named: { readonly sessionId: string; readonly id: string }, session: SharingSession) {
    this.sessionId = named.sessionId;
    this.id = named.id;
    this.#session = session;
  }

  /** Size of its terminal, as far as {@link WatchedProcess.events} has heard. Undefined: it has none. */
  get terminal(): TerminalSize | undefined {
    return this.#terminal;
  }

  /** Who types, as far as {@link WatchedProcess.events} has heard. */
  get inputHolder(): InputHolder {
    return this.#inputHolder;
  }

  /**
   * What is still kept of its output, and what follows, to its end. Who does not take it holds nobody up; what the executor drops
   * meanwhile (it keeps the newest 1 MiB) is told as `missed`. An exit comes behind the output that is there when it is heard of.
   *
   * @throws RemoteError - −32600: the session or the process is no more. @throws LinkError - The connection is gone for good, or `signal`
   * was aborted.
   */
  async *events(options: WatchEventsOptions = {}): AsyncGenerator<ProcessEvent | MissedEvents, void, void> {
    checkOptions(options, OPTIONS, "watchedProcess.events");
    const { signal } = options;
    const named = { sessionId: this.sessionId, processId: this.id };
    let seq = options.afterSeq ?? 0;
    let isExitTold = false;
    for (;;) {
      const look = { ...named, afterSeq: seq, maxBytes: LOOK_MAX_BYTES, waitMs: LOOK_MS };
      const seen = await this.#session.stub.holdfast.readShared(look, { signal });
      this.#terminal = seen.terminal;
      this.#inputHolder = seen.input;
      for (const chunk of seen.chunks) {
        if (chunk.seq <= seq) continue;
        const count = chunk.seq - seq - 1;
        // One between them may be the exit.
        const isExit = count === 1 && seen.exited && !isExitTold;
        if (count > 0 && !isExit) yield { type: "missed", seq: chunk.seq - 1, count };
        seq = chunk.seq;
        yield { type: "output", seq, stream: chunk.stream, data: asUint8Array(chunk.chunk) };
      }
      seq = Math.max(seq, seen.nextSeq - 1);
      if (seen.exited && !isExitTold) {
        isExitTold = true;
        yield { type: "exited", seq, exitCode: seen.exitCode ?? -1, sandboxDenied: seen.sandboxDenied ?? false };
      }
      if (!seen.closed) continue;
      yield { type: "closed", seq };
      return;
    }
  }

  /**
   * Take its input, and the size of its terminal, until that is given back. What its own client writes meanwhile waits.
   *
   * @throws RemoteError - −32600: it takes none, has ended, or somebody else has taken it.
   */
  async takeInput(): Promise<TakenInput> {
    await this.#session.stub.holdfast.takeInput({ sessionId: this.sessionId, processId: this.id });
    return new TakenInput({ sessionId: this.sessionId, processId: this.id }, this.#session);
  }

  /**
   * Send a signal to its process group; SIGKILL also ends what left the group.
   *
   * @returns Whether there was a process to send it to.
   */
  async kill(signal: SignalName = "SIGTERM"): Promise<boolean> {
    signalName(signal, "signal");
    const named = { sessionId: this.sessionId, processId: this.id };
    return (await this.#session.stub.holdfast.signalShared({ ...named, signal })).delivered;
  }
}
