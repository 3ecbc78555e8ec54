import { createConnection, type Socket } from "node:net";
import { type Clock, type FramePort, systemClock } from "@holdfast/rpc";
import { stdioPort } from "@holdfast/rpc/stdio";
import type { BackgroundPlace } from "./background-place.ts";
import { READY, takeWords } from "./greeting.ts";

/** Whoever does not greet within this time, milliseconds, is not waited for. */
const GREETING_WAIT_MS = 200;

/** As much as of an executor that is dialled: 256 MiB. */
const MAX_LINE_BYTES = 268_435_456;

/**
 * Get a line on which a session waits for its client; undefined where nobody has one at once. Never throws.
 */
export function takeReadyLine(
  { socket: path, way }: BackgroundPlace,
  clock: Clock = systemClock,
): Promise<FramePort | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    const timer = clock.after(GREETING_WAIT_MS, () => settle(undefined));
    const settle = (port: FramePort | undefined): void => {
      timer.cancel();
      socket.removeListener("data", onGreeting);
      socket.removeListener("close", onClose);
      if (port === undefined) socket.destroy();
      resolve(port);
    };
    const onClose = (): void => settle(undefined);
    const onGreeting = (chunk: Buffer): void => settle(chunk.toString() === READY ? portOf(socket) : undefined);
    // It stays: what breaks later is for the port to tell, and an error without a listener would end the program.
    socket.on("error", () => {});
    socket.once("close", onClose);
    socket.once("data", onGreeting);
    socket.write(takeWords(way));
  });
}

function portOf(socket: Socket): FramePort {
  return stdioPort({ input: socket, output: socket, maxLineBytes: MAX_LINE_BYTES });
}
