import { parseArgs } from "node:util";
import { UsageError, wholeNumber } from "../options.ts";

export const RELAY_NODES_USAGE = `usage: node conformance/src/main.ts relay-nodes [options]

Three relays on a cluster of three NATS servers, behind one address. Ten executors dial out, a hundred sessions write to commands and read what they
answer. Meanwhile a relay is killed, then a NATS server, then both are started again: no session may be lost, and no line.

  --sessions N     how many (default: 100, with --short 30)
  --short          fewer sessions, and only one relay is killed
  --if-possible    where there is no nats-server, say so and be content
`;

export interface RelayNodesOptions {
  readonly sessions: number;
  readonly short: boolean;
  readonly ifPossible: boolean;
  readonly help: boolean;
}

const SESSIONS = 100;
const SHORT_SESSIONS = 30;
/** Ten executors take 128 streams each. */
const MAX_SESSIONS = 1_000;

/** @throws UsageError */
export function parseRelayNodesOptions(argv: readonly string[]): RelayNodesOptions {
  try {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: { sessions: { type: "string" }, short: flag, "if-possible": flag, help: flag },
    });
    const { short, help } = values;
    return {
      sessions: wholeNumber("sessions", values.sessions, 1, MAX_SESSIONS) ?? (short ? SHORT_SESSIONS : SESSIONS),
      short,
      ifPossible: values["if-possible"],
      help,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
