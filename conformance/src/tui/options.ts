import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";
import { PLACES, type Place } from "./placed.ts";

/** Releases whose terminal user interface is driven, oldest first. */
export const TUI_RELEASES = ["0.169.0", "0.171.0"] as const;
/** Our own server, among releases. */
export const OWN = "holdfast";

export const TUI_USAGE = `usage: node conformance/src/main.ts tui [options]

The terminal user interface of real releases, on a terminal of tmux, before a server of a release or before ours, with a scripted model: what a person types, and what
has to be seen then. Screens can be kept.

  --tui X          one release to type into (default: ${TUI_RELEASES.join(", ")})
  --host X         one server: a release, or ${OWN} (default: ${OWN}, and each release before its own)
  --place P        where threads are placed: ${PLACES.join(", ")} (default: each of them on ${OWN}, local on releases)
  --check A,B      only these checks, in the order of a session
  --short          the newest release before ${OWN} with threads on an executor behind a websocket, where not said otherwise
  --if-possible    without tmux, say so and be content
  --screens DIR    write the screen after each check to a file below DIR
`;

export interface TuiRunOptions {
  readonly tui: string | undefined;
  readonly host: string | undefined;
  readonly place: Place | undefined;
  /** Empty: all. */
  readonly checks: readonly string[];
  readonly screens: string | undefined;
  readonly isContentWithout: boolean;
}

/** @throws UsageError */
export function parseTuiOptions(argv: readonly string[]): TuiRunOptions & { readonly help: boolean } {
  const text = { type: "string" } as const;
  const options = {
    tui: text,
    host: text,
    place: text,
    check: { type: "string", default: "" },
    screens: text,
    short: { type: "boolean", default: false },
    "if-possible": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { check, short, screens, help, ...rest } = parseArgs({ args: [...argv], options }).values;
    const { tui = short ? TUI_RELEASES.at(-1) : undefined, host = short ? OWN : undefined } = rest;
    const word = rest.place ?? (short ? "ws" : undefined);
    const place = PLACES.find((each) => each === word);
    if (word !== undefined && place === undefined) throw new UsageError(`--place must be one of ${PLACES.join(", ")}`);
    const checks = check.split(",").filter((id) => id !== "");
    return { tui, host, screens, help, place, checks, isContentWithout: rest["if-possible"] };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
