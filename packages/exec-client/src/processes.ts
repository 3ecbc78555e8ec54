import { randomUUID } from "node:crypto";
import { ERROR_CODES, type ProcessStartParams, type ProcessStartResult } from "@holdfast/exec-server-protocol";
import { isLinkError, isRemoteError } from "@holdfast/rpc";
import { abortable, abortedCall } from "./abortable.ts";
import type { Environment } from "./environment.ts";
import { InvalidArgumentError, UnknownProcessError } from "./errors.ts";
import type { ProcessChannel } from "./process/process-channel.ts";
import { RunningProcess } from "./process/running-process.ts";
import { type StartOptions, toStartParams } from "./process/start-options.ts";
import type { Session } from "./session/session.ts";

/** How long to want a start. */
export interface StartCallOptions {
  /** Give up: rejects with `LinkError` `aborted`, and the process is terminated should it have started. */
  readonly signal?: AbortSignal | undefined;
}

/** What to see of a process that is running already, and how long to wait for it. */
export interface AttachOptions {
  /** Leave out events up to this number. Default 0: from the oldest that the executor still has. */
  readonly afterSeq?: number | undefined;
  /** Give up: rejects with `LinkError` `aborted`. The process is left alone. */
  readonly signal?: AbortSignal | undefined;
}

/** A started process together with its channel, for those inside this package who follow it themselves. */
export interface LaunchedProcess {
  readonly process: RunningProcess;
  readonly channel: ProcessChannel;
}

const METHOD = "process/start";

/** The processes of one session. */
export class Processes {
  readonly #session: Session;
  readonly #environment: Environment;

  constructor(session: Session, environment: Environment) {
    this.#session = session;
    this.#environment = environment;
  }

  /**
   * Start a process and begin to record its output.
   *
   * Without `env` and `envPolicy` it inherits the environment of the executor.
   *
   * @throws InvalidArgumentError - `argv` is empty, `cwd` is no absolute path, `processId` is in use here, or something
   * can not be sent: half a character, a NUL, more than a message holds.
   * @throws RemoteError - The executor refused: -32602 for bad parameters, -32600 for a `processId` in use, -32603 with
   * the text of its system when the program could not be started.
   * @throws LinkError - Delivery `unknown`: the line was lost before the answer came, or `timeout`, none came within 60 s. Should the process have started,
   * it is terminated as soon as there is a line again.
   */
  async start(options: StartOptions, { signal }: StartCallOptions = {}): Promise<RunningProcess> {
    return (await this.launch(options, signal)).process;
  }

  /** As {@link Processes.start}. */
  async launch(options: StartOptions, signal: AbortSignal | undefined): Promise<LaunchedProcess> {
    const processId = options.processId ?? randomUUID();
    const params = toStartParams(options, processId, this.#environment);
    if (signal?.aborted) throw abortedCall(METHOD, "not-sent", signal);
    const channel = this.#session.openChannel(processId);
    try {
      const { sandboxType } = await this.#start(params, signal);
      channel.started();
      const { stub, clock } = this.#session;
      const cleanUp = (): Promise<{ readonly running: boolean }> => this.#session.terminateSurely(processId);
      return { process: new RunningProcess({ channel, stub, cleanUp, clock, sandboxType }), channel };
    } catch (error) {
      this.#session.abandonChannel(channel, error);
      // Neither refused nor lost: an answer came that nobody understands, and the process may well be running.
      if (!isRemoteError(error) && !isLinkError(error)) this.#session.terminateUnseen(processId);
      throw error;
    }
  }

  /**
   * Follow a process of this session that this client did not start; see `connect`'s `resumeSessionId`.
   *
   * What the executor retained after `afterSeq` is replayed, and then followed, without a loss or a repetition between
   * the two. Events that it no longer has are an `OutputGapError` for each subscriber, which can go on behind them.
   * Disposing of the result lets go of the process and does not end it; nor do events that can not be put in order.
   *
   * @throws UnknownProcessError - The session has no such process, or no longer.
   * @throws InvalidArgumentError - This client follows it already; `afterSeq` is no sequence number, or ahead of it.
   * @throws RemoteError - The executor refused, e.g. -32600 while the process is starting.
   * @throws LinkError - There was no answer.
   */
  async attach(processId: string, { afterSeq = 0, signal }: AttachOptions = {}): Promise<RunningProcess> {
    if (!Number.isSafeInteger(afterSeq) || afterSeq < 0) {
      throw new InvalidArgumentError("afterSeq", `afterSeq must be an integer from 0 to 2^53 - 1, not ${afterSeq}`);
    }
    const { stub, clock } = this.#session;
    const channel = this.#session.openChannel(processId, { kind: "attached", afterSeq });
    try {
      const params = { processId, afterSeq, maxBytes: null, waitMs: 0 };
      this.#session.adopt(channel, await stub.process.read(params, { signal }));
    } catch (error) {
      const reason = isUnknownProcess(error) ? new UnknownProcessError(processId, { cause: error }) : error;
      this.#session.abandonChannel(channel, reason);
      throw reason;
    }
    return new RunningProcess({ channel, stub, clock, sandboxType: undefined, cleanUp: undefined });
  }

  #start(params: ProcessStartParams, signal: AbortSignal | undefined): Promise<ProcessStartResult> {
    const { processId } = params;
    // Terminated only once it was answered: a terminate sent at once could overtake the start and find nothing.
    const whenLate = (): void => this.#session.terminateUnseen(processId);
    return abortable(this.#session.stub.process.start(params), signal, { method: METHOD, whenLate });
  }
}

const isUnknownProcess = (error: unknown): boolean =>
  isRemoteError(error) && error.code === ERROR_CODES.InvalidRequest && error.message.includes("unknown process id");
