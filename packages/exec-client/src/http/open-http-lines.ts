import type { FramePort } from "@holdfast/rpc";
import type { Line } from "../session/line.ts";
import { HttpLine } from "./http-line.ts";
import { HttpLines } from "./http-lines.ts";

export interface HttpLinesOptions {
  /** The line of the session, or the next one. Rejects when there will be none. */
  readonly sessionLine: (signal: AbortSignal | undefined) => Promise<Line>;
  /** Dials a line of its own; absent where the target can not be dialled again. */
  readonly dial: ((signal: AbortSignal | undefined) => Promise<FramePort>) | undefined;
  readonly lineOn: (port: FramePort) => Line;
  readonly handshake: (line: Line, signal: AbortSignal | undefined) => Promise<unknown>;
}

/** Lines for bodies, found by the means of the session that they belong to. */
export const openHttpLines = ({ sessionLine, dial, lineOn, handshake }: HttpLinesOptions): HttpLines => {
  const shared = new WeakMap<Line, HttpLine>();
  return new HttpLines({
    open:
      dial &&
      (async (signal) => {
        // While the executor is out of reach this waits, as every other call does.
        await sessionLine(signal);
        const port = await dial(signal);
        const line = lineOn(port);
        try {
          await handshake(line, signal);
        } catch (error) {
          line.peer.close("the handshake failed");
          throw error;
        }
        return new HttpLine(line, "own");
      }),
    shared: async (signal) => {
      const line = await sessionLine(signal);
      const known = shared.get(line) ?? new HttpLine(line, "shared");
      shared.set(line, known);
      return known;
    },
  });
};
