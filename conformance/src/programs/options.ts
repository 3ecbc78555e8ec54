import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError, wholeNumber } from "../options.ts";
import type { ProgramsOptions } from "./run-programs.ts";

export const PROGRAMS_USAGE = `usage: node conformance/src/main.ts programs [options]

Random programs of our own client on our own executor: commands, processes, input, files and requests, with time limits, aborts, slow
readers and cut lines, mixed. Every promise must settle, nothing may be lost without an error, no rejection may go unseen and no process
may be left.

  --runs N   how many programs (default: 1000)
  --seed N   which ones (default: others each time; it is printed)
  --first N  leave out those before this one: with --runs 1, one is run again (default: 0)
  --side N   how many run at a time (default: 4)
`;

export interface ProgramsChoice extends ProgramsOptions {
  readonly help: boolean;
}

const RUNS = 1_000;
const SIDE = 4;

/** @throws UsageError */
export function parseProgramsOptions(argv: readonly string[]): ProgramsChoice {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: { runs: text, seed: text, first: text, side: text, help: { type: "boolean", default: false } },
    });
    return {
      runs: wholeNumber("runs", values.runs, 1) ?? RUNS,
      seed: wholeNumber("seed", values.seed, 0) ?? randomInt(2 ** 31),
      first: wholeNumber("first", values.first, 0) ?? 0,
      side: wholeNumber("side", values.side, 1) ?? SIDE,
      help: values.help,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
