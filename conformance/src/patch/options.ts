import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError, wholeNumber } from "../options.ts";

export const PATCH_USAGE = `usage: node conformance/src/main.ts patch [options]

Patches, applied by the program of a release of Codex and by ours on a real executor: first what patches are made of, one thing at a
time, then random ones. Both must apply the same, say the same, and leave the same; ours must leave nothing of one that does not apply.

  --runs N     how many random ones (default: 2000)
  --seed N     which ones: this and those after it (default: others each time; it is printed)
  --release X  the release (default: 0.171.0)
`;

export interface PatchOptions {
  readonly runs: number;
  readonly seed: number;
  readonly release: string;
}

const RUNS = 2_000;
const RELEASE = "0.171.0";

/** @throws UsageError */
export function parsePatchOptions(argv: readonly string[]): PatchOptions & { readonly help: boolean } {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: { runs: text, seed: text, release: text, help: { type: "boolean", default: false } },
    });
    return {
      runs: wholeNumber("runs", values.runs) ?? RUNS,
      seed: wholeNumber("seed", values.seed) ?? randomInt(2 ** 30),
      release: values.release ?? RELEASE,
      help: values.help,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
