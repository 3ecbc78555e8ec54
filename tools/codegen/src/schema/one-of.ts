import type { RecordShape, Shape, TaggedShape, VariantsShape } from "./shape.ts";

/** The form of a choice of exactly one: words, records with a tag, words and named members, or none of these. */
export function oneOfShapes(arms: readonly Shape[]): Shape {
  return allWords(arms) ?? tagged(arms) ?? variants(arms) ?? { kind: "exclusive", arms };
}

function allWords(arms: readonly Shape[]): Shape | undefined {
  const words = arms.map((arm) => (arm.kind === "words" ? arm.words : undefined));
  if (!words.every((list) => list !== undefined)) return undefined;
  const all = words.flat();
  return new Set(all).size === all.length ? { kind: "words", words: all } : undefined;
}

function tagged(arms: readonly Shape[]): TaggedShape | undefined {
  // Alternatives of one arm stay together, because they have its word.
  const alternatives = arms.map((arm) => (arm.kind === "union" ? arm.arms : [arm]));
  if (!alternatives.every((records) => records.every(isRecord))) return undefined;
  for (const { name } of alternatives[0]?.[0]?.members ?? []) {
    const found = byTag(name, alternatives);
    if (found !== undefined) return { kind: "tagged", tag: name, arms: found };
  }
  return undefined;
}

function isRecord(shape: Shape): shape is RecordShape {
  return shape.kind === "record";
}

/** Undefined unless the word of each arm is its own. */
function byTag(
  tag: string,
  arms: readonly (readonly RecordShape[])[],
): Map<string, readonly RecordShape[]> | undefined {
  const found = new Map<string, readonly RecordShape[]>();
  for (const records of arms) {
    const words = new Set(records.map((record) => tagWord(tag, record)));
    const [word] = words;
    if (word === undefined || words.size > 1 || found.has(word)) return undefined;
    found.set(word, records);
  }
  return found.size > 1 ? found : undefined;
}

function tagWord(tag: string, { members }: RecordShape): string | undefined {
  const member = members.find(({ name }) => name === tag);
  if (member?.isRequired !== true || member.shape.kind !== "words") return undefined;
  const [word, ...more] = member.shape.words;
  return typeof word === "string" && more.length === 0 ? word : undefined;
}

function variants(arms: readonly Shape[]): VariantsShape | undefined {
  const words: string[] = [];
  const members = new Map<string, Shape>();
  for (const arm of arms) {
    if (arm.kind === "words" && arm.words.every((word) => typeof word === "string")) {
      words.push(...(arm.words as readonly string[]));
      continue;
    }
    const [member, ...more] = arm.kind === "record" && arm.rest === "refused" ? arm.members : [];
    if (member?.isRequired !== true || more.length > 0 || members.has(member.name)) return undefined;
    members.set(member.name, member.shape);
  }
  const names = new Set([...words, ...members.keys()]);
  if (members.size === 0 || names.size < words.length + members.size) return undefined;
  return { kind: "variants", words, members };
}
