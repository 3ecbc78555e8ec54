import type { Clock } from "@holdfast/rpc";
import { JobThread } from "../platform/job-thread.ts";
import { type LineMatch, type LineSearch, matchLines } from "./match-lines.ts";
import { patienceFor, type RunLineSearch, tooSlow } from "./pattern.ts";

type Answer = { readonly matches: LineMatch[] } | { readonly message: string };

const IDLE_MS = 10_000;
const MEMORY_MB = 256;

/** What the thread is: nothing is loaded, from disk or from anywhere. */
const PROGRAM = `
import { parentPort } from "node:worker_threads";
const matchLines = ${matchLines.toString()};
parentPort.on("message", (search) => {
  try {
    parentPort.postMessage({ matches: matchLines(search) });
  } catch (thrown) {
    parentPort.postMessage({ message: String(thrown) });
  }
});
`;

/** Runs searches beside the event loop: a regular expression may take for ever. One that does is ended, see {@link JobThread}. */
export class PatternThread {
  readonly #thread: JobThread<LineSearch, Answer>;

  constructor(delay: Pick<Clock, "after">) {
    const limits = { memoryMb: MEMORY_MB, patienceMs: patienceFor, idleMs: IDLE_MS };
    this.#thread = new JobThread<LineSearch, Answer>({ program: () => PROGRAM, ...limits, tooLong: tooSlow, delay });
  }

  readonly run: RunLineSearch = async (search) => {
    const answer = await this.#thread.run(search);
    if ("message" in answer) throw new Error(answer.message);
    return answer.matches;
  };
}
