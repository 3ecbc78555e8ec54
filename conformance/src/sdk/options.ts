import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";
import { OWN } from "../tui/options.ts";

export const SDK_RELEASES = ["0.169.0", "0.171.0"] as const;

export const SDK_USAGE = `usage: node conformance/src/main.ts sdk [options]

The official TypeScript SDK on the program of a release and on ours, with a scripted model: the examples of its README, and what else it promises.

  --program X      one program: a release, or ${OWN} (default: ${SDK_RELEASES.join(", ")}, ${OWN})
  --check TEXT     only checks whose id contains TEXT
`;

export interface SdkOptions {
  readonly program: string | undefined;
  readonly check: string;
}

/** @throws UsageError */
export function parseSdkOptions(argv: readonly string[]): SdkOptions & { readonly help: boolean } {
  const options = {
    program: { type: "string" },
    check: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { program, check, help } = parseArgs({ args: [...argv], options }).values;
    return { program, check, help };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
