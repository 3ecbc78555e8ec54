import { createConnection, type Socket } from "node:net";
import { type Clock, type FramePort, systemClock } from "@holdfast/rpc";
import { stdioPort } from "@holdfast/rpc/stdio";
import type { BackgroundPlace } from "./background-place.ts";
import { READY, takeWords } from "./greeting.ts";

/** Whoever does not greet within this time, milliseconds, is not waited for. */
const GREETING_WAIT_MS = 200;

/** As much as of an executor that is dialled: 256 MiB. */
const MAX_LINE_BYTES = 268_435_456;

/** The background connection watches the line behind it, no less strictly. One that hangs itself is noticed, too. */
const HEARTBEAT = { intervalMs: 20_000, silenceMs: 60_000 };

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
    const onGreeting = (chunk: Buffer): void => settle(chunk.toString() === READY ? portOf(socket, clock) : undefined);
    // It stays: what breaks later is for the port to tell, and an error without a listener would end the program.
    socket.on("error", () => {});
    socket.once("close", onClose);
    socket.once("data", onGreeting);
    socket.write(takeWords(way));
  });
}

function portOf(socket: Socket, clock: Clock): FramePort {
  return stdioPort({ input: socket, output: socket, maxLineBytes: MAX_LINE_BYTES, heartbeat: HEARTBEAT, clock });
}
