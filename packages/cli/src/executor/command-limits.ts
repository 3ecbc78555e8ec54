import { checkLimits, type ExecutorLimits } from "@holdfast/executor";
import type { Arguments } from "../command-line/arguments.ts";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import { byteCount } from "../serve/byte-count.ts";

type CommandLimitName = "maxCommandMemoryBytes" | "maxCommandProcesses";

/**
 * What confined commands may take, from `--command-memory` and `--command-processes`; nothing for an option that is absent.
 *
 * @throws UsageError for what is no such number, or out of its range.
 */
export function commandLimits(args: Pick<Arguments, "text">): Partial<ExecutorLimits> {
  const memory = args.text("command-memory");
  const processes = args.text("command-processes");
  return {
    ...(memory === undefined ? {} : checked("--command-memory", memory, "maxCommandMemoryBytes", byteCount(memory))),
    ...(processes === undefined
      ? {}
      : checked("--command-processes", processes, "maxCommandProcesses", count(processes))),
  };
}

function count(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function checked(option: string, text: string, name: CommandLimitName, value: number): Partial<ExecutorLimits> {
  const limit = { [name]: value };
  if (Number.isNaN(value)) {
    const kind =
      name === "maxCommandMemoryBytes" ? "a number of bytes, or one with K, M or G behind it" : "a whole number";
    throw new UsageError(`${option} must be ${kind}, not '${text}'`);
  }
  try {
    checkLimits(limit);
    return limit;
  } catch (error) {
    throw new UsageError(`${option}: ${reasonOf(error).replace(`${name} `, "it ")}`, { cause: error });
  }
}
