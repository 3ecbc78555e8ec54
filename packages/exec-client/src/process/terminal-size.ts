import { type Check, shownValue, wholeNumber } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../errors.ts";

/** Of a terminal, in characters. */
export interface TerminalSize {
  /** 1 to 65,535. */
  readonly rows: number;
  /** 1 to 65,535. */
  readonly columns: number;
}

/** What the system keeps it in. */
const SIDE_MAX = 65_535;

/** A size that a terminal can have. */
export const terminalSize: Check = (value, name) => {
  if (typeof value !== "object" || value === null || !("rows" in value && "columns" in value)) {
    throw new InvalidArgumentError(name, `${name} must be { rows, columns }, not ${shownValue(value)}`);
  }
  const side = wholeNumber(1, SIDE_MAX);
  side(value.rows, `${name}.rows`);
  side(value.columns, `${name}.columns`);
};
