import { hasBrand } from "./brand.ts";

const FINAL_REFUSAL = Symbol.for("holdfast.FinalRefusal");

/** Why there is no connection, where it will not do better next time: a key that is refused, a machine without Node. */
export class FinalRefusal extends Error {
  override readonly name = "FinalRefusal";
  readonly [FINAL_REFUSAL] = true;
}

/** Brand check: who dials and who tries again may be in two files of one program. */
export function isFinalRefusal(value: unknown): value is FinalRefusal {
  return hasBrand(value, FINAL_REFUSAL);
}
