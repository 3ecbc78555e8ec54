import type { RpcId } from "../codec.ts";
import { Malformed } from "./malformed.ts";

/** Smallest and largest whole number that an id may be. */
export interface IdRange {
  readonly minId: bigint;
  readonly maxId: bigint;
}

/** Digits of the longest id, with room for zeros in front of none: longer numbers are never taken for exact. */
const WHOLE_NUMBER = /^-?\d{1,19}$/;

const NO_ID = "`id` is neither a string nor a 64-bit signed integer";

/**
 * The id of a message, digit for digit.
 *
 * @param value - The member `id` as a parser gives it, which may have rounded it.
 * @param rawId - Its source text, looked for when the number alone can not be trusted.
 * @param strict - Look at the text of every number: a parser takes `1.0` and `1e0` for 1.
 * @throws Malformed for a value that is no id.
 */
export function exactId(
  value: unknown,
  rawId: () => string | undefined,
  { strict, range }: { readonly strict: boolean; readonly range: IdRange },
): RpcId {
  if (typeof value === "string") return value;
  if (value === undefined) throw new Malformed("missing field `id`");
  if (typeof value !== "number") throw new Malformed(NO_ID);
  // Adding 0 turns -0, which is written `-0`, into 0.
  if (!strict && Number.isSafeInteger(value)) return value + 0;
  return parsed(rawId() ?? "", range);
}

function parsed(raw: string, { minId, maxId }: IdRange): RpcId {
  if (!WHOLE_NUMBER.test(raw)) throw new Malformed(NO_ID);
  const near = Number(raw);
  if (Number.isSafeInteger(near)) return near + 0;
  const exact = BigInt(raw);
  if (exact < minId || exact > maxId) throw new Malformed(NO_ID);
  return exact;
}
