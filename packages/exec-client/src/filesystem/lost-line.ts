import { isLinkError } from "@holdfast/rpc";
import { FRUITLESS_REOPENS_MAX } from "../limits.ts";

/** Decides whether a transfer goes on when its connection was lost: not when line after line is lost without any progress. */
export class LostLines {
  #progress = 0;
  #fruitless = 0;

  /**
   * @param progress - Bytes moved so far.
   * @throws what was thrown, unless it is worth another line.
   */
  survive(error: unknown, progress: number): void {
    if (!isLostLine(error)) throw error;
    this.#fruitless = progress > this.#progress ? 0 : this.#fruitless + 1;
    this.#progress = progress;
    if (this.#fruitless > FRUITLESS_REOPENS_MAX) throw error;
  }
}

/** The connection ended; on the next one, if there will be one, the call can be made again. */
export function isLostLine(error: unknown): boolean {
  return isLinkError(error) && error.code === "closed";
}
