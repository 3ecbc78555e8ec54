import { randomUUID } from "node:crypto";
import { encodeFrame, RELAY_LIMITS, RESET_REASON } from "@holdfast/relay-protocol";
import type { ExecutorEnd, Registration, StreamRefusal } from "../ports.ts";
import type { HalfEnd, StreamHalf } from "./stream-half.ts";

const CLOSED = "the executor's socket is gone";

/** An executor's socket on this node, with its halves of its streams. */
export class AttachedExecutor {
  readonly environmentId: string;
  readonly registrationId: string;
  /** Of this socket alone. */
  readonly name: string = randomUUID();
  /** All nodes may not have been told of it yet. */
  isNew = true;
  /** What this node answers for it. */
  readonly answers: Disposable[] = [];
  readonly #end: ExecutorEnd;
  readonly #halves = new Map<string, StreamHalf>();
  #isGone = false;

  constructor(
    { environmentId, registrationId }: Pick<Registration, "environmentId" | "registrationId">,
    end: ExecutorEnd,
  ) {
    this.environmentId = environmentId;
    this.registrationId = registrationId;
    this.#end = end;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** @returns why there is no room for the stream, if there is none. */
  refusalOf(streamId: string): StreamRefusal | undefined {
    if (this.#isGone) return "no-executor";
    if (this.#halves.has(streamId)) return "stream-taken";
    return this.#halves.size >= RELAY_LIMITS.maxStreams ? "too-many-streams" : undefined;
  }

  /** What the executor is told of a stream. */
  endOf(streamId: string): HalfEnd {
    return {
      frame: (frame) => this.#end.frame(streamId, frame),
      hold: (isHeld) => this.#tell(streamId, encodeFrame({ streamId, body: { kind: "heartbeat", hold: isHeld } })),
      over: () => this.#tell(streamId, encodeFrame({ streamId, body: { kind: "reset", reason: RESET_REASON } })),
    };
  }

  stall(streamId: string, isStalled: boolean): boolean {
    return this.#end.stall(streamId, isStalled);
  }

  add(streamId: string, half: StreamHalf): void {
    this.#halves.set(streamId, half);
  }

  forget(streamId: string): void {
    this.#halves.delete(streamId);
  }

  half(streamId: string): StreamHalf | undefined {
    return this.#halves.get(streamId);
  }

  /** The socket is gone, or has to go: every stream is over for its harness. @returns whether it was still there. */
  leave(reason: string = CLOSED): boolean {
    if (this.#isGone) return false;
    this.#isGone = true;
    for (const answer of this.answers) answer[Symbol.dispose]();
    for (const half of [...this.#halves.values()]) half.close(reason);
    return true;
  }

  /** Another socket took its place. */
  replace(): void {
    if (this.leave("another socket of the executor took the place of this one")) this.#end.replaced();
  }

  /** Others can't reach it on this node any more: its executor is to look for another one. */
  sendAway(): void {
    if (this.leave("the node of the relay is cut off from the others")) this.#end.replaced();
  }

  #tell(streamId: string, frame: Uint8Array): void {
    if (!this.#isGone) this.#end.frame(streamId, frame);
  }
}
