import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";
import { OWN } from "../tui/options.ts";
import { PLACES, type Place } from "../tui/placed.ts";

/** Releases that have it. */
export const REMOTE_EXEC_RELEASES = ["0.171.0"] as const;

export const REMOTE_EXEC_USAGE = `usage: node conformance/src/main.ts exec-remote [options]

\`codex exec --remote\` of real releases before a server of its own release and before ours, with a scripted model.

  --release X      one release (default: ${REMOTE_EXEC_RELEASES.join(", ")})
  --host X         one server: a release, or ${OWN} (default: that of the release, and ${OWN})
  --place P        where threads are placed: ${PLACES.join(", ")} (default: local)
  --check TEXT     only checks whose id contains TEXT
`;

export interface RemoteExecOptions {
  readonly release: string | undefined;
  readonly host: string | undefined;
  readonly place: Place;
  readonly check: string;
}

/** @throws UsageError */
export function parseRemoteExecOptions(argv: readonly string[]): RemoteExecOptions & { readonly help: boolean } {
  const text = { type: "string" } as const;
  const options = {
    release: text,
    host: text,
    place: { type: "string", default: "local" },
    check: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { release, host, check, help, place: word } = parseArgs({ args: [...argv], options }).values;
    const place = PLACES.find((each) => each === word);
    if (place === undefined) throw new UsageError(`--place must be one of ${PLACES.join(", ")}`);
    return { release, host, check, help, place };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
