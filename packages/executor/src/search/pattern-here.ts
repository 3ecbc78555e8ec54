import { createContext, Script } from "node:vm";
import { type LineMatch, type LineSearch, matchLines } from "./match-lines.ts";
import { PATTERN_PATIENCE_MS, tooSlow } from "./pattern.ts";

/**
 * Run a search in this thread, and break it off when it takes too long: for a process that has nothing else to do meanwhile.
 */
export async function searchLinesHere(search: LineSearch): Promise<LineMatch[]> {
  const context = createContext({ run: () => matchLines(search) });
  try {
    return new Script("run()").runInContext(context, { timeout: PATTERN_PATIENCE_MS }) as LineMatch[];
  } catch (thrown) {
    if (isTimeout(thrown)) throw tooSlow();
    throw thrown;
  }
}

function isTimeout(thrown: unknown): boolean {
  return (
    typeof thrown === "object" && thrown !== null && "code" in thrown && thrown.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
  );
}
