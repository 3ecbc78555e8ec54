import { printable } from "../command-line/printable.ts";

/** Told how far a copy has come. */
export interface Progress extends Disposable {
  advance(bytes: number): void;
}

/** The parts of a terminal that a bar needs. */
export interface ProgressTerminal {
  readonly isTTY?: boolean;
  /** 0 where the terminal does not know. */
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
const BAR_CELLS = 24;
const DEFAULT_COLUMNS = 80;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
const TO_LINE_START_AND_CLEAR = "\r\u001b[K";

/** A bar on a terminal; nothing anywhere else. */
export function createProgress(
  terminal: ProgressTerminal,
  file: { readonly name: string; readonly totalBytes: number },
  now: () => number = () => performance.now(),
): Progress {
  if (terminal.isTTY !== true) return { advance: () => {}, [Symbol.dispose]: () => {} };
  const startedMs = now();
  let bytes = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    const line = printable(progressLine({ ...file, bytes, elapsedMs: now() - startedMs }));
    terminal.write(TO_LINE_START_AND_CLEAR + line.slice(0, (terminal.columns || DEFAULT_COLUMNS) - 1));
  };
  return {
    advance(more) {
      bytes += more;
      if (now() - drawnMs < REDRAW_MS) return;
      drawnMs = now();
      draw();
    },
    [Symbol.dispose]() {
      draw();
      terminal.write("\n");
    },
  };
}

/** One state of the bar: percentage, bar, bytes, rate, name. */
export function progressLine(state: {
  readonly name: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly elapsedMs: number;
}): string {
  const share = state.totalBytes === 0 ? 1 : Math.min(1, state.bytes / state.totalBytes);
  const filled = Math.round(share * BAR_CELLS);
  const bar = `[${"#".repeat(filled)}${".".repeat(BAR_CELLS - filled)}]`;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const rate = state.elapsedMs > 0 ? (state.bytes * 1000) / state.elapsedMs : 0;
  return `${percent} ${bar} ${formatBytes(state.bytes).padStart(9)} ${`${formatBytes(rate)}/s`.padStart(11)}  ${state.name}`;
}

/** For people: `0 B`, `1023 B`, `1.0 KiB`, `12.5 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
