import type { Arguments } from "../command-line/arguments.ts";

/** The words that the settings of `serve` are made of: its arguments, or whatever else gives them by the same names. */
export type ServeWords = Pick<Arguments, "has" | "text" | "texts" | "choice">;
