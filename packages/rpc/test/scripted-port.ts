import type { FramePort, FrameReceiver } from "@holdfast/rpc";

/** A port in the hands of a test: it says what is queued and when frames arrive. */
export class ScriptedPort implements FramePort {
  readonly transport = "memory";
  readonly peerName = "script";
  readonly sent: string[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  /** What is queued while the port is not writable: by default more than anyone may add to. */
  fullBytes = 1024 * 1024 * 1024;
  writable = true;
  endsAtUnreadable = false;

  get queuedBytes(): number {
    return this.writable ? 0 : this.fullBytes;
  }

  reading: "flowing" | "paused" = "flowing";
  receiver: FrameReceiver | undefined;

  open(receiver: FrameReceiver): void {
    this.receiver = receiver;
  }

  send(frame: string): void {
    this.sent.push(frame);
  }

  pause(): void {
    this.reading = "paused";
  }

  resume(): void {
    this.reading = "flowing";
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason });
  }

  destroy(reason: string): void {
    this.closes.push({ code: 1006, reason });
  }

  /** Deliver one message. */
  deliver(message: unknown): void {
    this.receiver?.frame(JSON.stringify(message));
  }

  /** The queue has room again. */
  drain(): void {
    this.writable = true;
    this.receiver?.drained();
  }
}
