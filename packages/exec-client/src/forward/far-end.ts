import type { RunningProcess } from "../process/running-process.ts";

/** What is kept of why a connection broke there, about. */
export const REASON_MAX_CHARACTERS = 1_024;

/** The end of a connection on the executor's machine. */
export interface FarEnd extends AsyncDisposable {
  write(data: Uint8Array): Promise<void>;
  /** Nothing more is written. */
  closeStdin(): Promise<void>;
  /**
   * What it sends, to its end; once.
   *
   * @throws Error why the connection broke.
   */
  received(): AsyncGenerator<Uint8Array, void, void>;
  /** Resolves when both directions are over. */
  readonly closed: Promise<unknown>;
}

/**
 * Of a connection that the executor itself has opened or accepted: its exit is the end of what it sends.
 *
 * To be called as soon as it is there: from then on nothing of it is dropped, and it waits where nobody reads.
 */
export function connectionEnd(far: RunningProcess): FarEnd {
  const events = far.events();
  const first = events.next();
  // Told by who reads.
  first.catch(() => {});
  return {
    write: (data) => far.write(data),
    closeStdin: () => far.closeStdin(),
    received: () => receivedOf(first, events),
    get closed() {
      return far.closed;
    },
    async [Symbol.asyncDispose]() {
      await far[Symbol.asyncDispose]();
      await events.return();
    },
  };
}

type Events = ReturnType<RunningProcess["events"]>;

/** Not by the stream of its output, which ends when both directions are over. */
async function* receivedOf(first: ReturnType<Events["next"]>, events: Events): AsyncGenerator<Uint8Array, void, void> {
  let reason = "";
  const decoder = new TextDecoder();
  for (let { value: event } = await first; event !== undefined; { value: event } = await events.next()) {
    if (event.type === "exited") {
      if (event.exitCode !== 0) throw broken(reason || `exit code ${event.exitCode}`);
      return;
    }
    if (event.type === "output" && event.stream === "stderr") {
      if (reason.length < REASON_MAX_CHARACTERS) reason += decoder.decode(event.data, { stream: true });
    } else if (event.type === "output") yield event.data;
  }
}

/** The connection there is over, and not in order. */
export function broken(reason: string): Error {
  return new Error(`the connection there broke: ${reason}`);
}
