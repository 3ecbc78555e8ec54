import { HTTP_LINE_PING_INTERVAL_MS, RELAY_HTTP_LINES_MAX } from "../limits.ts";
import type { Connector } from "../session/connector.ts";
import type { Line } from "../session/line.ts";
import type { Session } from "../session/session.ts";
import { HttpLine } from "./http-line.ts";
import { HttpLines } from "./http-lines.ts";

/** Lines for bodies, found by the means of the session that they belong to. */
export function openHttpLines(session: Session, connector: Connector): HttpLines {
  const sessionLine = (signal: AbortSignal | undefined): Promise<Line> => session.line("http/request", { signal });
  const shared = new WeakMap<Line, HttpLine>();
  return new HttpLines({
    maxOpen: connector.leadsThroughRelay ? RELAY_HTTP_LINES_MAX : Number.POSITIVE_INFINITY,
    open: connector.canDialAgain
      ? async (signal) => {
          // While the executor is out of reach this waits, as every other call does.
          await sessionLine(signal);
          return new HttpLine(await connector.openReadyLine(signal, HTTP_LINE_PING_INTERVAL_MS), "own");
        }
      : undefined,
    shared: async (signal) => {
      const line = await sessionLine(signal);
      const known = shared.get(line) ?? new HttpLine(line, "shared");
      shared.set(line, known);
      return known;
    },
  });
}
