/** Why there is no connection, where it will not do better next time: a key that is refused, a machine without Node. */
export class FinalRefusal extends Error {
  override readonly name = "FinalRefusal";
}

export function isFinalRefusal(value: unknown): value is FinalRefusal {
  return value instanceof FinalRefusal;
}
