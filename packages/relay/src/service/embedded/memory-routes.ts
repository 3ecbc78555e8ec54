import { encodeFrame, RELAY_LIMITS, RESET_REASON } from "@holdfast/relay-protocol";
import type {
  ExecutorEnd,
  ExecutorRoute,
  HarnessEnd,
  HarnessRoute,
  Registration,
  Routes,
  StreamRefusal,
} from "../ports.ts";

const EXECUTOR_GONE = "the executor's connection ended";

/** Who is where, in one process. */
export class MemoryRoutes implements Routes {
  readonly #byRegistration = new Map<string, AttachedExecutor>();
  readonly #byEnvironment = new Map<string, AttachedExecutor>();
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  async attachExecutor(
    { environmentId, registrationId }: Pick<Registration, "environmentId" | "registrationId">,
    end: ExecutorEnd,
  ): Promise<ExecutorRoute> {
    if (this.#isOver) throw new Error("the relay is shutting down");
    const former = this.#byEnvironment.get(environmentId);
    const executor = new AttachedExecutor(end, () => {
      if (this.#byEnvironment.get(environmentId) === executor) this.#byEnvironment.delete(environmentId);
      if (this.#byRegistration.get(registrationId) === executor) this.#byRegistration.delete(registrationId);
    });
    this.#byEnvironment.set(environmentId, executor);
    this.#byRegistration.set(registrationId, executor);
    await former?.close();
    former?.end.replaced();
    return executor;
  }

  async isConnected(registrationId: string): Promise<boolean> {
    return this.#byRegistration.has(registrationId);
  }

  async openStream(registrationId: string, streamId: string, end: HarnessEnd): Promise<HarnessRoute | StreamRefusal> {
    if (this.#isOver) return "unavailable";
    return this.#byRegistration.get(registrationId)?.open(streamId, end) ?? "no-executor";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#byRegistration.values()].map((executor) => executor.close()));
  }
}

class AttachedExecutor implements ExecutorRoute {
  readonly end: ExecutorEnd;
  readonly #onClose: () => void;
  readonly #streams = new Map<string, HarnessEnd>();
  #isOver = false;

  constructor(end: ExecutorEnd, onClose: () => void) {
    this.end = end;
    this.#onClose = onClose;
  }

  open(streamId: string, end: HarnessEnd): HarnessRoute | StreamRefusal {
    if (this.#isOver) return "no-executor";
    if (this.#streams.has(streamId)) return "stream-taken";
    if (this.#streams.size >= RELAY_LIMITS.maxStreams) return "too-many-streams";
    this.#streams.set(streamId, end);
    const isOpen = (): boolean => this.#streams.get(streamId) === end;
    return {
      send: (frame) => {
        if (!isOpen() || this.end.frame(streamId, frame)) return;
        this.#streams.delete(streamId);
        this.end.frame(streamId, resetOf(streamId));
        end.ended("the executor does not take what is sent to it");
      },
      hold: (hold) => {
        if (isOpen()) this.end.frame(streamId, encodeFrame({ streamId, body: { kind: "heartbeat", hold } }));
      },
      stall: (isStalled) => this.end.stall(streamId, isStalled),
      close: async () => {
        if (!isOpen()) return;
        this.#streams.delete(streamId);
        this.end.frame(streamId, resetOf(streamId));
      },
    };
  }

  send(streamId: string, frame: Uint8Array): boolean {
    const harness = this.#streams.get(streamId);
    harness?.frame(frame);
    return harness !== undefined;
  }

  hold(streamId: string, isHeld: boolean): void {
    this.#streams.get(streamId)?.hold(isHeld);
  }

  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onClose();
    const harnesses = [...this.#streams.values()];
    this.#streams.clear();
    for (const harness of harnesses) harness.ended(EXECUTOR_GONE);
  }
}

function resetOf(streamId: string): Uint8Array {
  return encodeFrame({ streamId, body: { kind: "reset", reason: RESET_REASON } });
}
