import { parseArgs } from "node:util";
import { RELEASES } from "@holdfast/reference-peer";
import { UsageError } from "../options.ts";

export const ENVIRONMENTS_USAGE = `usage: node conformance/src/main.ts environments [options]

Our registry of environments beside those of real releases: what each says of an environments.toml that it refuses, and how often each dials in the same
situation. And our registry on the executors of the releases.

  --release X      one release (default: ${RELEASES.join(", ")})
`;

export interface EnvironmentsRunOptions {
  readonly releases: readonly string[];
}

/** @throws UsageError */
export function parseEnvironmentsOptions(argv: readonly string[]): EnvironmentsRunOptions & { readonly help: boolean } {
  const options = { release: { type: "string" }, help: { type: "boolean", default: false } } as const;
  try {
    const { release, help } = parseArgs({ args: [...argv], options }).values;
    return { releases: release === undefined ? RELEASES : [release], help };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
