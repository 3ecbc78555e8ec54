/** The file of a thread can not be used. */
export class RolloutError extends Error {
  override readonly name = "RolloutError";
}
