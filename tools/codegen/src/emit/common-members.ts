import { isDeepStrictEqual } from "node:util";
import type { Member, TaggedShape } from "../schema/shape.ts";

/** What fewer kinds than this have in common may be chance. */
const FEWEST_KINDS = 4;

/** The members besides the tag that all of many kinds have in the same form: those that a kind which is not listed has as well. */
export function commonMembers({ tag, arms }: TaggedShape): readonly Member[] {
  if (arms.size < FEWEST_KINDS) return [];
  const [first, ...others] = [...arms.values()].flat();
  return (first?.members ?? []).filter(
    (member) =>
      member.name !== tag && others.every(({ members }) => members.some((other) => isDeepStrictEqual(other, member))),
  );
}
