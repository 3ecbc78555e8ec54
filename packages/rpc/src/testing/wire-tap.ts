import type { FramePort, FrameReceiver, InboundFrame } from "../frame-port.ts";

/** Which way a frame went, seen from the tapped port. */
export type FrameDirection = "in" | "out";

/** The same port, with every frame reported before it is passed on, in both directions. */
export function wireTap(port: FramePort, onFrame: (direction: FrameDirection, frame: InboundFrame) => void): FramePort {
  return {
    get transport() {
      return port.transport;
    },
    get peerName() {
      return port.peerName;
    },
    get carriesBinary() {
      return port.carriesBinary;
    },
    get queuedBytes() {
      return port.queuedBytes;
    },
    get writable() {
      return port.writable;
    },
    open: (receiver: FrameReceiver) =>
      port.open({
        frame: (frame) => {
          onFrame("in", frame);
          receiver.frame(frame);
        },
        drained: () => receiver.drained(),
        closed: (close) => receiver.closed(close),
      }),
    send: (frame) => {
      onFrame("out", frame);
      port.send(frame);
    },
    pause: () => port.pause(),
    resume: () => port.resume(),
    close: (code, reason) => port.close(code, reason),
    destroy: (reason, cause) => port.destroy(reason, cause),
  };
}
