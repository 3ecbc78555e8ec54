import { createContext, Script } from "node:vm";
import { type LineMatch, type LineSearch, matchLines } from "./match-lines.ts";
import { patienceFor, tooSlow } from "./pattern.ts";

/**
 * Run a search in this thread, and break it off when it takes too long: for a process that has nothing else to do meanwhile.
 */
export async function searchLinesHere(search: LineSearch): Promise<LineMatch[]> {
  const context = createContext({ run: () => matchLines(search) });
  try {
    return new Script("run()").runInContext(context, { timeout: patienceFor(search) }) as LineMatch[];
  } catch (thrown) {
    if (isTimeout(thrown)) throw tooSlow(search);
    throw thrown;
  }
}

function isTimeout(thrown: unknown): boolean {
  return (
    typeof thrown === "object" && thrown !== null && "code" in thrown && thrown.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
  );
}
