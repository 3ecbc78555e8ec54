import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

export const RELAY_USAGE = `usage: node conformance/src/main.ts relay [options]

Executors that dial out and those who reach them by name, through our own relay: releases and ours on either side. Each does its work, has either
socket cut in the middle of output, and the relay killed and started again under it.

  --release R      this release alone; may be given more than once (default: 0.144.6, 0.169.0 and 0.171.0)
  --join TEXT      only joins whose name contains TEXT, such as "holdfast -> codex"
  --scenario TEXT  only scenarios whose id contains TEXT
  --short          0.171.0, and no more than one interruption of a kind
`;

export interface RelayOptions {
  readonly releases: readonly string[];
  readonly join: string;
  readonly scenario: string;
  readonly short: boolean;
}

const JOINED_RELEASES = ["0.144.6", "0.169.0", "0.171.0"];
const SHORT_RELEASES = ["0.171.0"];

/** @throws UsageError */
export function parseRelayOptions(argv: readonly string[]): RelayOptions & { readonly help: boolean } {
  try {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: {
        release: { type: "string", multiple: true },
        join: { type: "string", default: "" },
        scenario: { type: "string", default: "" },
        short: flag,
        help: flag,
      },
    });
    const { release, ...rest } = values;
    return { ...rest, releases: release ?? (values.short ? SHORT_RELEASES : JOINED_RELEASES) };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
