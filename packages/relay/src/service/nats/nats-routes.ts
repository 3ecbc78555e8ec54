import type { Clock, Timer } from "@holdfast/rpc";
import type {
  ExecutorEnd,
  ExecutorRoute,
  HarnessEnd,
  HarnessRoute,
  Registration,
  Routes,
  StreamRefusal,
} from "../ports.ts";
import { AttachedExecutor } from "./attached-executor.ts";
import { Bus, type BusOptions } from "./bus.ts";
import { NATS_LIMITS } from "./limits.ts";
import { Neighbour, type SharedHalf } from "./neighbour.ts";
import { type OpenRequest, readAttachment, readOpenAnswer, readOpenRequest, writeAttachment } from "./open-request.ts";
import { digestOf } from "./stored-values.ts";
import { type HalfEnd, StreamHalf } from "./stream-half.ts";
import { decodeMessage, encodeMessage, type StreamMessage } from "./stream-message.ts";
import { StoreUnavailable } from "./unavailable.ts";

const NODE_GONE = "a node of the relay is gone";
const CUT_OFF = "the node of the relay lost its connection to the others";
const HARNESS_GONE = "the harness's socket is gone";
const LEFT = "the node of the relay is left";

/**
 * Sockets on many nodes, joined by subjects of NATS. A stream has a half on each of its two nodes; both may be the same one, and then nothing of it
 * leaves the process.
 */
export class NatsRoutes implements Routes {
  readonly #clock: Clock;
  readonly #bus: Bus;
  readonly #executors = new Map<string, AttachedExecutor>();
  readonly #environments = new Map<string, AttachedExecutor>();
  /** Halves whose other half is on another node, by what the stream is called between the two. */
  readonly #tokens = new Map<string, StreamHalf>();
  readonly #localHarnesses = new Set<StreamHalf>();
  readonly #neighbours = new Map<string, Neighbour>();
  #timer: Timer | undefined;
  #isolation: Timer | undefined;
  #opened = 0;
  #isClosed = false;

  constructor(options: BusOptions) {
    this.#clock = options.clock;
    this.#bus = new Bus(options, {
      message: (token, payload) => this.#takeMessage(token, payload),
      announcement: (payload) => this.#takeAnnouncement(payload),
      lost: () => this.#lost(),
      found: () => this.#found(),
    });
    this.#beatLater();
  }

  get isOnline(): boolean {
    return this.#bus.isOnline && !this.#isClosed;
  }

  /** @throws StoreUnavailable other nodes could not be told of it. */
  async attachExecutor(
    registration: Pick<Registration, "environmentId" | "registrationId">,
    end: ExecutorEnd,
  ): Promise<ExecutorRoute> {
    if (!this.isOnline) throw new StoreUnavailable("the node of the relay is cut off from the others");
    const { environmentId, registrationId } = registration;
    const executor = new AttachedExecutor(registration, end);
    this.#replaceHere(environmentId, registrationId);
    this.#executors.set(registrationId, executor);
    this.#environments.set(environmentId, executor);
    executor.answers.push(this.#bus.answer(digestOf(registrationId), (payload) => this.#answer(executor, payload)));
    executor.answers.push({ [Symbol.dispose]: () => this.#forget(executor) });
    try {
      await this.#bus.settled();
      this.#announce(executor);
      await this.#bus.settled();
    } catch (error) {
      executor.leave();
      throw error;
    }
    executor.isNew = false;
    return {
      send: (streamId, frame) => this.#sendToHarness(executor, streamId, frame),
      hold: (streamId, isHeld) => executor.half(streamId)?.hold(isHeld),
      close: async () => {
        executor.leave();
      },
    };
  }

  async isConnected(registrationId: string): Promise<boolean> {
    if (this.#executors.has(registrationId)) return true;
    return (await this.#bus.ask(digestOf(registrationId), JSON.stringify({ kind: "probe" }))) !== undefined;
  }

  async openStream(registrationId: string, streamId: string, end: HarnessEnd): Promise<HarnessRoute | StreamRefusal> {
    if (this.#isClosed) return "unavailable";
    const executor = this.#executors.get(registrationId);
    const half =
      executor === undefined
        ? await this.#openThere(registrationId, streamId, end)
        : this.#openHere(executor, streamId, end);
    if (typeof half === "string") return half;
    return {
      send: (frame) => half.send(frame, this.#clock.now()),
      hold: (isHeld) => half.hold(isHeld),
      stall: (isStalled) => executor?.stall(streamId, isStalled) ?? false,
      close: async () => half.close(HARNESS_GONE),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#isolation?.cancel();
    for (const executor of [...this.#executors.values()]) executor.sendAway();
    for (const half of [...this.#localHarnesses, ...this.#tokens.values()]) half.fail(LEFT);

    await this.#bus.close();
  }

  // Streams.

  #openHere(executor: AttachedExecutor, streamId: string, end: HarnessEnd): StreamHalf | StreamRefusal {
    const refusal = executor.refusalOf(streamId);
    if (refusal !== undefined) return refusal;
    const nowMs = this.#clock.now();
    const atHarness: StreamHalf = new StreamHalf({
      end: endOf(end),
      carry: (message) => atExecutor.receive(message),
      awaitsConfirmation: false,
      nowMs,
      onOver: () => this.#localHarnesses.delete(atHarness),
    });
    const atExecutor: StreamHalf = new StreamHalf({
      end: executor.endOf(streamId),
      carry: (message) => atHarness.receive(message),
      awaitsConfirmation: false,
      nowMs,
      onOver: () => executor.forget(streamId),
    });
    this.#localHarnesses.add(atHarness);
    executor.add(streamId, atExecutor);
    return atHarness;
  }

  async #openThere(registrationId: string, streamId: string, end: HarnessEnd): Promise<StreamHalf | StreamRefusal> {
    const { node } = this.#bus;
    this.#opened += 1;
    const token = `${node}-${this.#opened}`;
    let answer: ReturnType<typeof readOpenAnswer>;
    try {
      const request: OpenRequest = { kind: "open", streamId, node, token };
      const bytes = await this.#bus.ask(digestOf(registrationId), JSON.stringify(request));
      if (bytes === undefined) return "no-executor";
      answer = readOpenAnswer(bytes);
    } catch (error) {
      if (error instanceof StoreUnavailable) return "unavailable";
      throw error;
    }
    if (answer?.kind === "refused") return answer.why;
    // What was opened under the name before is over there already.
    if (answer === undefined || node !== this.#bus.node || !this.isOnline) return "unavailable";
    const half = this.#remoteHalf(answer.node, token, endOf(end), { awaitsConfirmation: false });
    half.confirm();
    return half;
  }

  /** What another node asks about an executor of this one. */
  #answer(executor: AttachedExecutor, payload: Uint8Array): string | undefined {
    const request = readOpenRequest(payload);
    if (request === undefined || executor.isGone) return undefined;
    if (request.kind === "probe") return JSON.stringify({ kind: "probed" });
    const why = this.#tokens.has(request.token) ? "stream-taken" : executor.refusalOf(request.streamId);
    if (why !== undefined) return JSON.stringify({ kind: "refused", why });
    const { streamId, node, token } = request;
    const half = this.#remoteHalf(node, token, executor.endOf(streamId), {
      awaitsConfirmation: true,
      onOver: () => executor.forget(streamId),
    });
    executor.add(streamId, half);
    return JSON.stringify({ kind: "opened", node: this.#bus.node });
  }

  #remoteHalf(
    node: string,
    token: string,
    end: HalfEnd,
    options: { readonly awaitsConfirmation: boolean; readonly onOver?: () => void },
  ): StreamHalf {
    const neighbour = this.#neighbours.get(node) ?? new Neighbour(node);
    this.#neighbours.set(node, neighbour);
    const half = new StreamHalf({
      end,
      carry: (message) => this.#bus.send(node, token, encodeMessage(message)),
      neighbour,
      awaitsConfirmation: options.awaitsConfirmation,
      nowMs: this.#clock.now(),
      onOver: () => {
        this.#tokens.delete(token);
        if (neighbour.halves.size === 0) this.#neighbours.delete(node);
        options.onOver?.();
      },
    });
    this.#tokens.set(token, half);
    return half;
  }

  #sendToHarness(executor: AttachedExecutor, streamId: string, frame: Uint8Array): boolean {
    const half = executor.half(streamId);
    half?.send(frame, this.#clock.now());
    return half !== undefined;
  }

  #takeMessage(token: string, payload: Uint8Array): void {
    const half = this.#tokens.get(token);
    if (half === undefined) return;
    const message: StreamMessage | undefined = decodeMessage(payload);
    if (message !== undefined) half.receive(message);
  }

  // Who is where.

  #replaceHere(environmentId: string, registrationId: string): void {
    this.#environments.get(environmentId)?.replace();
    this.#executors.get(registrationId)?.replace();
  }

  #forget(executor: AttachedExecutor): void {
    const { environmentId, registrationId } = executor;
    if (this.#executors.get(registrationId) === executor) this.#executors.delete(registrationId);
    if (this.#environments.get(environmentId) === executor) this.#environments.delete(environmentId);
  }

  #announce({ environmentId, name }: AttachedExecutor, isStill = false): void {
    this.#bus.announce(writeAttachment({ environment: environmentId, attachment: name, isStill }));
  }

  #takeAnnouncement(payload: Uint8Array): void {
    const there = readAttachment(payload);
    if (there === undefined) return;
    const executor = this.#environments.get(there.environment);
    if (executor === undefined || executor.name === there.attachment) return;
    if (there.isStill) {
      // It may not have heard of this one. Whoever is newer says so; where nobody knows, both go.
      this.#announce(executor);
      return;
    }
    // Of two that come at the same time, and are told of each other, one stays.
    if (executor.isNew && executor.name > there.attachment) return;
    executor.replace();
  }

  // Nodes that come and go.

  #beatLater(): void {
    this.#timer = this.#clock.after(NATS_LIMITS.beatIntervalMs, () => {
      this.#beat();
      this.#beatLater();
    });
  }

  #beat(): void {
    const nowMs = this.#clock.now();
    for (const half of [...this.#tokens.values()]) half.tick(nowMs);
    for (const neighbour of [...this.#neighbours.values()]) void this.#lookAt(neighbour);
  }

  async #lookAt(neighbour: Neighbour): Promise<void> {
    if (neighbour.isAsked || !this.isOnline) return;
    neighbour.isAsked = true;
    const isGone = await this.#isGone(neighbour);
    neighbour.isAsked = false;
    if (isGone && this.isOnline) this.#abandon([...neighbour.halves], NODE_GONE);
  }

  async #isGone(neighbour: Neighbour): Promise<boolean> {
    try {
      neighbour.missedBeats = (await this.#bus.isThere(neighbour.node)) ? 0 : NATS_LIMITS.beatsMissed;
    } catch {
      neighbour.missedBeats += 1;
    }
    return neighbour.missedBeats >= NATS_LIMITS.beatsMissed;
  }

  #abandon(halves: readonly SharedHalf[], reason: string): void {
    for (const half of halves) half.abandon(reason);
  }

  #lost(): void {
    this.#abandon([...this.#tokens.values()], CUT_OFF);
    this.#isolation ??= this.#clock.after(NATS_LIMITS.isolationMs, () => {
      for (const executor of [...this.#executors.values()]) executor.sendAway();
    });
  }

  #found(): void {
    this.#isolation?.cancel();
    this.#isolation = undefined;
    // Meanwhile an executor may have found another node.
    for (const executor of this.#executors.values()) this.#announce(executor, true);
  }
}

function endOf(end: HarnessEnd): HalfEnd {
  return {
    frame: (frame) => {
      end.frame(frame);
      return true;
    },
    hold: (isHeld) => end.hold(isHeld),
    over: (reason) => end.ended(reason),
  };
}
