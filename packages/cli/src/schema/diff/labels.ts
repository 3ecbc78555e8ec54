import type { ObjectArm } from "./arms.ts";

/**
 * What tells the objects of a choice apart: the word in the member that has one in each of them, such as `type=agentMessage`, or else the one
 * member that they must have; empty for those that nothing tells apart.
 *
 * @param before - Those of the choice in one release.
 * @param after - In the other, which may be the first that has such a member.
 */
export function labelling(before: readonly ObjectArm[], after: readonly ObjectArm[]): (arm: ObjectArm) => string {
  const tag = tagOf([...before, ...after]) ?? tagOf(after) ?? tagOf(before);
  return (arm) => {
    const word = tag === undefined ? undefined : wordIn(arm, tag);
    if (word !== undefined) return `${tag}=${word}`;
    const [only, ...more] = Object.entries(arm.members);
    return arm.isClosed && only?.[1].isRequired === true && more.length === 0 ? only[0] : "";
  };
}

/** The member that has a word of its own in each; where there are several, the one that tells the most apart. */
function tagOf([first, ...others]: readonly ObjectArm[]): string | undefined {
  if (first === undefined) return undefined;
  const objects = [first, ...others];
  const candidates = Object.keys(first.members).filter((name) =>
    objects.every((arm) => wordIn(arm, name) !== undefined),
  );
  const wordsOf = (name: string) => new Set(objects.map((arm) => wordIn(arm, name))).size;
  return candidates.toSorted((one, other) => wordsOf(other) - wordsOf(one))[0];
}

function wordIn({ members }: ObjectArm, name: string): string | undefined {
  const member = Object.hasOwn(members, name) ? members[name] : undefined;
  const [word, ...more] = member?.isRequired === true ? (member.schema.enum ?? []) : [];
  return more.length === 0 ? word : undefined;
}
