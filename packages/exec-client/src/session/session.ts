import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { type Clock, LinkError, type LinkErrorCode, type PortClose } from "@holdfast/rpc";
import { InvalidArgumentError } from "../errors.ts";
import { ProcessChannel } from "../process/process-channel.ts";
import type { IncomingEvent } from "../process/reorder-buffer.ts";

/** `connected`: the line is up. `closed`: it is gone for good, whoever ended it. */
export type SessionState =
  | { readonly kind: "connected" }
  | { readonly kind: "closed"; readonly close: PortClose; readonly error: LinkError };

/** One session on an executor: the processes this client started in it, and whether it can still be reached. */
export class Session {
  readonly id: string;
  readonly stub: ExecServerClient;
  readonly clock: Clock;
  #state: SessionState = { kind: "connected" };
  readonly #channels = new Map<string, ProcessChannel>();

  constructor(parts: { readonly id: string; readonly stub: ExecServerClient; readonly clock: Clock }) {
    this.id = parts.id;
    this.stub = parts.stub;
    this.clock = parts.clock;
  }

  get state(): SessionState {
    return this.#state;
  }

  /**
   * Open a channel before its process is started: the first events can overtake the answer to the start.
   *
   * @throws InvalidArgumentError this client has a running process of that name.
   */
  openChannel(processId: string): ProcessChannel {
    if (this.#channels.has(processId)) {
      throw new InvalidArgumentError("processId", `session already registered for process ${processId}`);
    }
    const channel = new ProcessChannel(processId, {
      clock: this.clock,
      read: (params) => this.stub.process.read({ ...params, waitMs: 0 }),
      release: (id, outcome) => this.#release(id, outcome),
    });
    this.#channels.set(processId, channel);
    return channel;
  }

  /** Forget a channel whose process did not start. */
  abandonChannel(channel: ProcessChannel, error: unknown): void {
    if (this.#channels.get(channel.processId) === channel) this.#channels.delete(channel.processId);
    channel.fail(error);
  }

  /** Hand an event to its process. Events of processes that are not, or no longer, followed are ignored. */
  deliver(processId: string, event: IncomingEvent): void {
    this.#channels.get(processId)?.accept(event);
  }

  /** The line is gone: every process that still runs is out of reach. First cause wins. */
  end(close: PortClose, code: LinkErrorCode = "closed"): void {
    if (this.#state.kind === "closed") return;
    const error = new LinkError(code, `the line to the executor is gone: ${close.reason}`, {
      delivery: "unknown",
      cause: close.cause,
    });
    this.#state = { kind: "closed", close, error };
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) channel.fail(error);
  }

  #release(processId: string, outcome: "closed" | "failed"): void {
    this.#channels.delete(processId);
    // Nobody will ever learn how this process ends: it must not run on unseen. After a close there is nothing to clean
    // up: executors forget a closed process by themselves, and a terminate does not make them forget it sooner.
    if (outcome === "failed") this.terminateUnseen(processId);
  }

  /** Terminate a process that nobody follows, without waiting. */
  terminateUnseen(processId: string): void {
    this.stub.process.terminate({ processId }).catch(() => {});
  }
}
