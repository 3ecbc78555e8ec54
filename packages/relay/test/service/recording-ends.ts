import { decodeFrame, encodeFrame, type RelayFrameBody } from "@holdfast/relay-protocol";
import type { ExecutorEnd, HarnessEnd } from "../../src/service/index.ts";

/** An executor's socket that keeps what it got. */
export class RecordingExecutor implements ExecutorEnd {
  readonly frames: { readonly streamId: string; readonly frame: Uint8Array }[] = [];
  replacements = 0;
  /** Whether it takes nothing. */
  isFull = false;
  /** What it did not take. */
  readonly refused: RelayFrameBody[] = [];

  frame(streamId: string, frame: Uint8Array): boolean {
    if (this.isFull) this.refused.push(decodeFrame(frame).body);
    else this.frames.push({ streamId, frame });
    return !this.isFull;
  }

  /** Streams because of which nothing is to be read of it. */
  readonly stalling = new Set<string>();

  stall(streamId: string, isStalled: boolean): boolean {
    if (isStalled) this.stalling.add(streamId);
    else this.stalling.delete(streamId);
    return true;
  }

  replaced(): void {
    this.replacements += 1;
  }

  /** The bytes of what harnesses sent in a stream: all but resets and heartbeats, which the relay makes itself. */
  payloadsOf(streamId: string): readonly Uint8Array[] {
    return this.bodiesOf(streamId).flatMap((body) => (body.kind === "data" ? [body.payload] : []));
  }

  /** Its data frames as they came. */
  dataOf(streamId: string): readonly Uint8Array[] {
    return this.frames.flatMap((got) =>
      got.streamId === streamId && decodeFrame(got.frame).body.kind === "data" ? [got.frame] : [],
    );
  }

  /** What the relay asked of it for a stream, in order. */
  holdsOf(streamId: string): readonly boolean[] {
    return this.bodiesOf(streamId).flatMap((body) => (body.kind === "heartbeat" ? [body.hold === true] : []));
  }

  resetsOf(streamId: string): readonly string[] {
    return this.bodiesOf(streamId).flatMap((body) => (body.kind === "reset" ? [body.reason] : []));
  }

  bodiesOf(streamId: string): readonly RelayFrameBody[] {
    return this.frames
      .filter((got) => got.streamId === streamId)
      .map(({ frame }) => {
        const decoded = decodeFrame(frame);
        if (decoded.streamId !== streamId) throw new Error(`a frame of ${decoded.streamId} as one of ${streamId}`);
        return decoded.body;
      });
  }
}

/** A harness's socket that keeps what it got. */
export class RecordingHarness implements HarnessEnd {
  readonly frames: Uint8Array[] = [];
  readonly endings: string[] = [];
  readonly holds: boolean[] = [];

  frame(frame: Uint8Array): void {
    if (this.endings.length > 0) throw new Error("a frame after the end");
    this.frames.push(frame);
  }

  ended(reason: string): void {
    this.endings.push(reason);
  }

  hold(isHeld: boolean): void {
    this.holds.push(isHeld);
  }
}

/** A data frame whose payload tells its number and has the length asked for, in bytes. */
export function dataFrame(streamId: string, sequence: number, payloadBytes = 32): Uint8Array {
  const payload = new Uint8Array(payloadBytes).fill(sequence % 251);
  return encodeFrame({ streamId, body: { kind: "data", sequence, payload } });
}

/** The sequence numbers of data frames, in the order in which they came. */
export function sequencesOf(frames: readonly Uint8Array[]): readonly number[] {
  return frames.flatMap((frame) => {
    const { body } = decodeFrame(frame);
    return body.kind === "data" ? [body.sequence] : [];
  });
}
