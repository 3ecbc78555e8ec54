import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { Clock } from "@holdfast/rpc";
import { StdinWriter } from "../process/stdin-writer.ts";
import { type TerminalSize, terminalSize } from "../process/terminal-size.ts";
import { randomUuid } from "../random-uuid.ts";
import type { Session } from "../session/session.ts";
import { settledWithin } from "../settled-within.ts";

const GIVE_BACK_WAIT_MS = 2_000;

/** What sharing needs of this client's own session. */
export type SharingSession = Pick<Session, "clock"> & { readonly stub: Pick<ExecServerClient, "holdfast"> };

/** Names a process of another client's session. */
export interface SharedName {
  readonly sessionId: string;
  readonly processId: string;
}

/** The input of another client's process, taken by this one. Disposing gives it back. */
export class TakenInput implements AsyncDisposable {
  readonly #name: SharedName;
  readonly #stub: Pick<ExecServerClient, "holdfast">;
  readonly #clock: Clock;
  readonly #writer: StdinWriter;

  constructor(name: SharedName, { stub, clock }: SharingSession) {
    this.#name = name;
    this.#stub = stub;
    this.#clock = clock;
    const { sessionId, processId } = name;
    const write: ExecServerClient["process"]["write"] = (params, options) =>
      stub.holdfast.writeShared({ ...params, sessionId }, options);
    this.#writer = new StdinWriter(processId, { process: { write } }, { idPrefix: `${randomUuid()}-` });
  }

  /**
   * Send input. Writes keep their order; one resolves when the executor has queued it.
   *
   * @throws ProcessInputError - The process ended before it took the input. @throws RemoteError - The input was given back.
   */
  write(data: string | Uint8Array): Promise<void> {
    return this.#writer.write(data);
  }

  /** Give its terminal another size; its own client's comes back with the input. @throws RemoteError - It has none. */
  async resize(size: TerminalSize): Promise<void> {
    terminalSize(size, "size");
    const { rows, columns } = size;
    await this.#stub.holdfast.resizeShared({ ...this.#name, rows, columns });
  }

  /** Give it back: what its own client wrote meanwhile follows. Idempotent. @throws LinkError - There was no answer. */
  async giveBack(): Promise<void> {
    await this.#stub.holdfast.giveInput({ ...this.#name });
  }

  /**
   * As {@link TakenInput.giveBack}, but waits for 2 s at most and never throws: without a connection, the executor gives it back after a
   * minute.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await settledWithin(this.giveBack(), GIVE_BACK_WAIT_MS, this.#clock);
  }
}
