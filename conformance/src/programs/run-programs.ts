import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { temporaryFolder } from "../places.ts";
import { inShort } from "./expected-errors.ts";
import { Origin } from "./origin.ts";
import { programsOf } from "./program.ts";
import { runProgram } from "./run-program.ts";

export interface ProgramsOptions {
  /** The programs depend on it alone. */
  readonly seed: number;
  readonly runs: number;
  /** The first to run, so that one can be run again; those before it are left out. */
  readonly first: number;
  /** Programs that run at a time. */
  readonly side: number;
}

/** A program that did not go as promised. */
export interface Finding {
  readonly index: number;
  readonly problems: readonly string[];
}

/** Sessions end soon after their connection, so that what they left is gone soon, too; a cut leaves time to come back. */
const SESSION_TTL = ["--session-ttl", "5"];

/** Run random programs against our own executor. */
export async function runPrograms(
  { seed, runs, first, side }: ProgramsOptions,
  print: (text: string) => void = () => {},
): Promise<readonly Finding[]> {
  await using folder = await temporaryFolder();
  await using origin = await Origin.listen();
  await using served = await startHoldfastExecutor(folder.path, { args: SESSION_TTL });
  const findings: Finding[] = [];
  const unhandled: string[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(`unhandled rejection: ${inShort(reason)}`);
  process.on("unhandledRejection", onUnhandled);
  const left = [...programsOf(seed, first + runs).entries()].slice(first).values();
  const host = { url: served.url, origin: origin.url, folder: folder.path };
  const worker = async (): Promise<void> => {
    for (const [index, program] of left) {
      const problems = await runProgram(program, host, `program-${seed}-${index}`).catch((error) => [inShort(error)]);
      problems.push(...unhandled.splice(0));
      if (problems.length > 0) {
        findings.push({ index, problems });
        print(`program ${index} of seed ${seed}:\n  ${problems.join("\n  ")}`);
      } else if ((index + 1) % 50 === 0) print(`${index + 1 - first} programs`);
    }
  };
  try {
    await Promise.all(Array.from({ length: side }, worker));
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
  return findings;
}
