import { holdfastFault } from "@holdfast/exec-server-protocol";
import { isLinkError } from "@holdfast/rpc";
import { refusalOf } from "../errors/refusal.ts";
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

/** The connection ended, this one or that of a gateway; on the next one, if there will be one, the call can be made again. */
export function isLostLine(error: unknown): boolean {
  if (isLinkError(error)) return error.code === "closed";
  const refusal = refusalOf(error);
  return refusal !== undefined && holdfastFault(refusal.data)?.code === "ECONNRESET";
}
