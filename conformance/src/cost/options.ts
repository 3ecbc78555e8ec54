import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError, wholeNumber } from "../options.ts";
import type { CostChoice } from "./run-cost.ts";

export const COST_USAGE = `usage: node conformance/src/main.ts cost [options]

Random requests of every method, of all sizes, against our own executor, whose event loop is measured: none may keep everybody
else waiting for long. Time is that of the loop's own thread, weighed by what this machine takes for usual work.

  --seed N      which requests (default: another one each time; it is printed)
  --requests N  how many (default: 2000)
  --only N      only the request of this number, to look at one that was found
  --plain       none with a sandbox
`;

export interface CostOptions extends CostChoice {
  readonly help: boolean;
}

const REQUESTS = 2_000;

/** @throws UsageError */
export function parseCostOptions(argv: readonly string[]): CostOptions {
  const { values } = parsed(argv);
  return {
    seed: wholeNumber("seed", values.seed) ?? randomInt(2 ** 31),
    requests: wholeNumber("requests", values.requests) ?? REQUESTS,
    only: wholeNumber("only", values.only),
    confined: !values.plain,
    help: values.help,
  };
}

function parsed(argv: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  const value = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: { seed: value, requests: value, only: value, plain: flag, help: flag },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
