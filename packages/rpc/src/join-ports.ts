import type { FramePort, PortClose } from "./frame-port.ts";

/** How two joined ports came apart. */
export interface Parting {
  /** The one that ended first. */
  readonly from: FramePort;
  readonly close: PortClose;
}

/** Websocket close code of an end without a complaint. */
const NORMAL = 1000;

/**
 * Hand every frame of one port to the other, both ways, until either ends; then the other is closed after what is queued for it. A port
 * that does not keep up makes the other wait. Resolves when both are gone.
 */
export async function joinPorts(one: FramePort, other: FramePort): Promise<Parting> {
  const first = Promise.withResolvers<Parting>();
  const gone = [carry(one, other, first.resolve), carry(other, one, first.resolve)];
  const parting = await first.promise;
  await Promise.all(gone);
  return parting;
}

/** Resolves when the source is gone. */
function carry(from: FramePort, to: FramePort, onParting: (parting: Parting) => void): Promise<void> {
  return new Promise((resolve) => {
    from.open({
      frame: (frame) => {
        to.send(frame);
        if (!to.writable) from.pause();
      },
      drained: () => to.resume(),
      closed: (close) => {
        onParting({ from, close });
        if (close.initiator === "fault") to.destroy(close.reason, close.cause);
        else to.close(NORMAL, close.reason);
        resolve();
      },
    });
  });
}
