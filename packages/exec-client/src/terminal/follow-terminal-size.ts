import type { RunningProcess } from "../process/running-process.ts";
import type { TerminalSize } from "../process/terminal-size.ts";
import type { LocalTerminalOutput } from "./local-terminal.ts";

/** The size of a terminal here; undefined where it has none. */
export function terminalSizeOf({
  rows = 0,
  columns = 0,
}: Pick<LocalTerminalOutput, "rows" | "columns">): TerminalSize | undefined {
  return rows >= 1 && columns >= 1 ? { rows, columns } : undefined;
}

/**
 * Give the terminal of a process the size of the one here, now and whenever that changes, until it is disposed of.
 *
 * One change at a time is on its way; of those that come meanwhile, the last counts. An executor that can not is left alone.
 *
 * @param current - The size that it has already. Default: unknown.
 */
export function followTerminalSize(
  process: Pick<RunningProcess, "resize">,
  terminal: LocalTerminalOutput,
  current?: TerminalSize,
): Disposable {
  let known = current;
  let state: "idle" | "busy" | "again" | "over" = "idle";
  const follow = async (): Promise<void> => {
    do {
      state = "busy";
      const size = terminalSizeOf(terminal);
      const isNew = size !== undefined && !(size.rows === known?.rows && size.columns === known.columns);
      if (isNew && !(await process.resize(size).then(isTrue, isFalse))) stop();
      known = size ?? known;
    } while (isAgain());
    if (state === "busy") state = "idle";
  };
  const isAgain = (): boolean => state === "again";
  const changed = (): void => {
    if (state === "busy") state = "again";
    else if (state === "idle") void follow();
  };
  const stop = (): void => {
    state = "over";
    terminal.off("resize", changed);
  };
  terminal.on("resize", changed);
  changed();
  return { [Symbol.dispose]: stop };
}

function isTrue(): boolean {
  return true;
}

function isFalse(): boolean {
  return false;
}
