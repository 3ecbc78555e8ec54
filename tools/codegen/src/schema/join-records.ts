import type { Place } from "./keywords.ts";
import { oneOfShapes } from "./one-of.ts";
import type { Member, RecordShape, Shape } from "./shape.ts";

/**
 * Records and choices of records that must all fit, as one of them: members that stand beside a choice belong to each of
 * its arms. Undefined when a part is anything else.
 */
export function joinRecords(parts: readonly Shape[], place: Place): Shape | undefined {
  const index = parts.findIndex(({ kind }) => kind !== "record");
  const choice = parts[index];
  if (choice === undefined) return (parts as readonly RecordShape[]).reduce((left, right) => join(left, right, place));
  const arms = armsOf(choice);
  if (arms === undefined) return undefined;
  const joined: Shape[] = [];
  for (const arm of arms) {
    const shape = joinRecords(parts.with(index, arm), place);
    if (shape === undefined) return undefined;
    joined.push(shape);
  }
  return choice.kind === "union" ? { kind: "union", arms: joined } : oneOfShapes(joined);
}

function armsOf(shape: Shape): readonly Shape[] | undefined {
  if (shape.kind === "union" || shape.kind === "exclusive") return shape.arms;
  if (shape.kind !== "tagged") return undefined;
  return [...shape.arms.values()].map((records): Shape => {
    const [only] = records;
    return only !== undefined && records.length === 1 ? only : { kind: "union", arms: records };
  });
}

function join(left: RecordShape, right: RecordShape, place: Place): RecordShape {
  if (left.members.length === 0 && left.rest === "open") return right;
  if (left.rest !== "open" && left.rest !== "kept") throw unclear(place);
  if (right.rest !== "open" && right.rest !== "kept") throw unclear(place);
  const members = new Map<string, Member>();
  for (const member of [...left.members, ...right.members])
    members.set(member.name, both(members.get(member.name), member));
  const required = [...members.values()].filter(({ isRequired }) => isRequired);
  const optional = [...members.values()].filter(({ isRequired }) => !isRequired);
  optional.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    kind: "record",
    members: [...required, ...optional],
    rest: left.rest === "kept" || right.rest === "kept" ? "kept" : "open",
  };
}

function unclear(place: Place): Error {
  return place.error('keyword "additionalProperties" that closes an object has no meaning beside combinations');
}

function both(left: Member | undefined, right: Member): Member {
  if (left === undefined) return right;
  const isRequired = left.isRequired || right.isRequired;
  if (left.shape.kind === "anything") return { ...right, isRequired };
  if (right.shape.kind === "anything") return { ...left, isRequired };
  return { name: left.name, isRequired, shape: { kind: "all", parts: [left.shape, right.shape] } };
}
