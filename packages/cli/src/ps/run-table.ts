import { alignColumns } from "../command-line/align-columns.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import type { RunState, RunWithState } from "./run-state.ts";

const ID_MIN_LENGTH = 8;
const COMMAND_MAX_LENGTH = 40;
const HEADINGS = ["ID", "URL", "COMMAND", "STARTED", "STATE"];

/** The runs as a table for people; the IDs cut as short as they stay different. */
export function runTable(runs: readonly RunWithState[]): string {
  const length = idLength(runs.map(({ record }) => record.id));
  const rows = runs.map(({ record: { id, url, argv, startedAt }, state }) => [
    id.slice(0, length),
    shownExecutor(url),
    shortened(argv.join(" ")),
    startedAt,
    stateText(state),
  ]);
  return alignColumns([HEADINGS, ...rows]);
}

function stateText(state: RunState): string {
  return state.kind === "exited" ? `exited ${state.exitCode}` : state.kind;
}

function idLength(ids: readonly string[]): number {
  let length = ID_MIN_LENGTH;
  while (new Set(ids.map((id) => id.slice(0, length))).size < new Set(ids).size) length += 1;
  return length;
}

function shortened(text: string): string {
  return text.length <= COMMAND_MAX_LENGTH ? text : `${text.slice(0, COMMAND_MAX_LENGTH - 1)}…`;
}
