import type { TransferProgress } from "@holdfast/exec-client/transfer";
import { printable } from "../command-line/printable.ts";

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

/** Shows how far a transfer has come. Disposing leaves its last state, and the line. */
export interface ProgressBar extends Disposable {
  readonly show: (progress: TransferProgress) => void;
}

/** A bar on a terminal, from the first progress on; nothing anywhere else. */
export function progressBar(terminal: ProgressTerminal, now: () => number = () => performance.now()): ProgressBar {
  if (terminal.isTTY !== true) return { show: () => {}, [Symbol.dispose]: () => {} };
  const startedMs = now();
  let shown: TransferProgress | undefined;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const draw = (progress: TransferProgress): void => {
    const line = printable(progressLine({ ...progress, elapsedMs: now() - startedMs }));
    terminal.write(TO_LINE_START_AND_CLEAR + line.slice(0, (terminal.columns || DEFAULT_COLUMNS) - 1));
  };
  return {
    show(progress) {
      shown = progress;
      if (now() - drawnMs < REDRAW_MS) return;
      drawnMs = now();
      draw(progress);
    },
    [Symbol.dispose]() {
      if (shown === undefined) return;
      draw(shown);
      terminal.write("\n");
    },
  };
}

/** One state of the bar: percentage and bar where it is known how much there is, bytes, rate, name. */
export function progressLine({
  name,
  transferredBytes,
  totalBytes,
  elapsedMs,
}: TransferProgress & { readonly elapsedMs: number }): string {
  const rate = elapsedMs > 0 ? (transferredBytes * 1000) / elapsedMs : 0;
  const moved = `${formatBytes(transferredBytes).padStart(9)} ${`${formatBytes(rate)}/s`.padStart(11)}  ${name}`;
  if (totalBytes === undefined) return moved;
  const share = totalBytes === 0 ? 1 : Math.min(1, transferredBytes / totalBytes);
  const filled = Math.round(share * BAR_CELLS);
  const bar = `[${"#".repeat(filled)}${".".repeat(BAR_CELLS - filled)}]`;
  return `${`${Math.floor(share * 100)}%`.padStart(4)} ${bar} ${moved}`;
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
