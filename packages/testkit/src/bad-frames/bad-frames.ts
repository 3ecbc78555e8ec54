import type { Frame, FrameLine } from "./frame-line.ts";

/** Sees every frame of one direction and passes on what it likes: nothing, once, twice, later. */
export type FrameFault = (frame: Frame, pass: (frame: Frame) => void) => void;

/** Faults by direction, seen from the owner of the wrapped port. */
export interface FrameFaults {
  /** Frames that the owner gets. Default: passed on. */
  readonly inbound?: FrameFault | undefined;
  /** Frames that the owner sends. Default: passed on. */
  readonly outbound?: FrameFault | undefined;
}

const PASS: FrameFault = (frame, pass) => pass(frame);

/** The same port, on a line that treats its frames badly. All else is left as it is. */
export function badFrames<Transport, Close>(
  port: FrameLine<Transport, Close>,
  { inbound = PASS, outbound = PASS }: FrameFaults,
): FrameLine<Transport, Close> {
  return {
    transport: port.transport,
    peerName: port.peerName,
    get queuedBytes() {
      return port.queuedBytes;
    },
    get writable() {
      return port.writable;
    },
    open: (receiver) =>
      port.open({
        frame: (frame) => inbound(frame, (passed) => receiver.frame(passed)),
        drained: () => receiver.drained(),
        closed: (close) => receiver.closed(close),
      }),
    send: (frame) => outbound(frame, (passed) => port.send(passed)),
    pause: () => port.pause(),
    resume: () => port.resume(),
    close: (code, reason) => port.close(code, reason),
    destroy: (reason, cause) => port.destroy(reason, cause),
  };
}
