import { isDeepStrictEqual } from "node:util";
import type {
  Bounds,
  ListShape,
  Member,
  NumberShape,
  RecordShape,
  Rest,
  Shape,
  TaggedShape,
  TextShape,
  VariantsShape,
} from "../schema/shape.ts";
import { covers } from "./covers.ts";

/** What two releases are merged with. */
export interface Merging {
  /** The types that references lead to. */
  readonly older: ReadonlyMap<string, Shape>;
  readonly newer: ReadonlyMap<string, Shape>;
  /** Told of each place where the two differ in kind, so that only a choice of both takes the values of both. */
  onChoice(place: string): void;
}

/**
 * The shape of all values of two releases, in the form of the newer one: a member that one of them lacks or does not require is
 * optional; words, members and arms of either stay; where the two can not be joined, a choice of both.
 *
 * @param place - Where in its type the shape stands, as `ThreadItem[type=webSearch].action`.
 */
export function mergeShapes(older: Shape, newer: Shape, place: string, merging: Merging): Shape {
  return merge(older, newer, { place, merging });
}

interface Context {
  readonly place: string;
  readonly merging: Merging;
}

function merge(older: Shape, newer: Shape, context: Context): Shape {
  if (isDeepStrictEqual(older, newer)) return newer;
  if (older.kind === "anything" || newer.kind === "anything") return { kind: "anything" };
  if (older.kind === "nullable" || newer.kind === "nullable" || older.kind === "null" || newer.kind === "null") {
    return mergeNullable(older, newer, context);
  }
  return mergeAlike(older, newer, context) ?? choice(older, newer, context);
}

function mergeNullable(older: Shape, newer: Shape, context: Context): Shape {
  const inner = (shape: Shape): Shape | undefined =>
    shape.kind === "null" ? undefined : shape.kind === "nullable" ? shape.of : shape;
  const [left, right] = [inner(older), inner(newer)];
  const of = left === undefined || right === undefined ? (left ?? right) : merge(left, right, context);
  return of === undefined ? { kind: "null" } : of.kind === "anything" ? of : { kind: "nullable", of };
}

/** Undefined for two kinds that can not be joined. */
function mergeAlike(older: Shape, newer: Shape, context: Context): Shape | undefined {
  if (older.kind === "words" && newer.kind === "words") {
    return { kind: "words", words: unique([...newer.words, ...older.words]) };
  }
  if (older.kind === "text" && newer.kind === "text") return mergeTexts(older, newer);
  if (older.kind === "number" && newer.kind === "number") return mergeNumbers(older, newer);
  if (older.kind === "list" && newer.kind === "list") return mergeLists(older, newer, context);
  if (older.kind === "map" && newer.kind === "map") {
    return { kind: "map", values: merge(older.values, newer.values, within(context, "*")) };
  }
  if (older.kind === "record" && newer.kind === "record") return mergeRecords(older, newer, context);
  const [olderVariants, newerVariants] = [asVariants(older), asVariants(newer)];
  if (olderVariants !== undefined && newerVariants !== undefined) {
    return mergeVariants(olderVariants, newerVariants, context);
  }
  if (newer.kind === "tagged") {
    const asNewer = asTagged(older, newer.tag, context.merging.older);
    return asNewer === undefined ? undefined : mergeTagged(asNewer, newer, context);
  }
  if (older.kind === "tagged") {
    const asOlder = asTagged(newer, older.tag, context.merging.newer);
    return asOlder === undefined ? undefined : mergeTagged(older, asOlder, context);
  }
  return undefined;
}

function mergeTexts(older: TextShape, newer: TextShape): TextShape {
  return {
    kind: "text",
    format: older.format === newer.format ? newer.format : undefined,
    isBase64: older.isBase64 && newer.isBase64,
    minLength: least(older.minLength, newer.minLength),
    maxLength: most(older.maxLength, newer.maxLength),
    pattern: older.pattern === newer.pattern ? newer.pattern : undefined,
  };
}

function mergeNumbers(older: NumberShape, newer: NumberShape): NumberShape {
  const names = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const;
  const bounds: { -readonly [K in keyof Bounds]: Bounds[K] } = {};
  for (const name of names) {
    const bound = (name.endsWith("inimum") ? least : most)(older.bounds[name], newer.bounds[name]);
    if (bound !== undefined) bounds[name] = bound;
  }
  return {
    kind: "number",
    isWhole: older.isWhole && newer.isWhole,
    format: older.format === newer.format ? newer.format : undefined,
    bounds,
  };
}

function mergeLists(older: ListShape, newer: ListShape, context: Context): ListShape {
  return {
    kind: "list",
    items: merge(older.items, newer.items, within(context, "[]")),
    minItems: least(older.minItems, newer.minItems),
    maxItems: most(older.maxItems, newer.maxItems),
  };
}

function mergeRecords(older: RecordShape, newer: RecordShape, context: Context): RecordShape {
  const olderMembers = new Map(older.members.map((member) => [member.name, member]));
  const newerNames = new Set(newer.members.map(({ name }) => name));
  const members = [
    ...newer.members.map((member): Member => {
      const before = olderMembers.get(member.name);
      if (before === undefined) return { ...member, isRequired: false };
      return {
        name: member.name,
        shape: merge(before.shape, member.shape, within(context, `.${member.name}`)),
        isRequired: before.isRequired && member.isRequired,
      };
    }),
    ...older.members.filter(({ name }) => !newerNames.has(name)).map((member) => ({ ...member, isRequired: false })),
  ];
  return { kind: "record", members: inOrder(members), rest: mergeRests(older.rest, newer.rest, context) };
}

/** Required ones first, as they come; the others by name. */
function inOrder(members: readonly Member[]): readonly Member[] {
  const optional = members.filter(({ isRequired }) => !isRequired);
  return [
    ...members.filter(({ isRequired }) => isRequired),
    ...optional.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ];
}

function mergeRests(older: Rest, newer: Rest, context: Context): Rest {
  if (typeof older !== "string" && typeof newer !== "string") {
    const rest = merge(older, newer, within(context, "*"));
    return rest.kind === "anything" ? "kept" : rest;
  }
  if (older === newer) return newer;
  if (older === "refused") return newer;
  if (newer === "refused") return older;
  return "kept";
}

function mergeTagged(older: TaggedShape, newer: TaggedShape, context: Context): TaggedShape {
  const arms = new Map<string, readonly RecordShape[]>();
  for (const word of unique([...newer.arms.keys(), ...older.arms.keys()])) {
    const [before, after] = [older.arms.get(word), newer.arms.get(word)];
    const inside = within(context, `[${newer.tag}=${word}]`);
    if (before === undefined || after === undefined) arms.set(word, before ?? after ?? []);
    else arms.set(word, mergeArm(newer.tag, before, after, inside));
  }
  return { kind: "tagged", tag: newer.tag, arms };
}

/** Alternatives under one word: those of the older release stay where those of the newer one do not take their values. */
function mergeArm(
  tag: string,
  older: readonly RecordShape[],
  newer: readonly RecordShape[],
  context: Context,
): readonly RecordShape[] {
  const [before, ...moreBefore] = older;
  const [after, ...moreAfter] = newer;
  if (before !== undefined && after !== undefined && moreBefore.length === 0 && moreAfter.length === 0) {
    const merged = mergeRecords(before, after, context);
    // The tag is what tells the arms apart.
    return [{ ...merged, members: merged.members.toSorted((a, b) => Number(b.name === tag) - Number(a.name === tag)) }];
  }
  return [...newer, ...older.filter((record) => !newer.some((other) => coversOlder(other, record, context)))];
}

function mergeVariants(older: VariantsShape, newer: VariantsShape, context: Context): VariantsShape {
  const members = new Map(newer.members);
  for (const [name, shape] of older.members) {
    const after = members.get(name);
    members.set(name, after === undefined ? shape : merge(shape, after, within(context, `.${name}`)));
  }
  return { kind: "variants", words: unique([...newer.words, ...older.words]), members };
}

function asVariants(shape: Shape): VariantsShape | undefined {
  if (shape.kind === "variants") return shape;
  if (shape.kind !== "words" || !shape.words.every((word) => typeof word === "string")) return undefined;
  return { kind: "variants", words: shape.words as readonly string[], members: new Map() };
}

/** A record as a choice by the words of one of its members, or undefined when it has none. */
function asTagged(shape: Shape, tag: string, types: ReadonlyMap<string, Shape>): TaggedShape | undefined {
  if (shape.kind === "tagged") return shape.tag === tag ? shape : undefined;
  if (shape.kind !== "record") return undefined;
  const member = shape.members.find(({ name }) => name === tag);
  const listed = member?.shape.kind === "reference" ? types.get(member.shape.name) : member?.shape;
  if (member?.isRequired !== true || listed?.kind !== "words") return undefined;
  const { words } = listed;
  if (!words.every((word) => typeof word === "string")) return undefined;
  const arms = words.map((word): [string, readonly RecordShape[]] => [
    String(word),
    [
      {
        ...shape,
        members: shape.members.map((each) =>
          each === member ? { ...each, shape: { kind: "words", words: [word] } } : each,
        ),
      },
    ],
  ]);
  return { kind: "tagged", tag, arms: new Map(arms) };
}

function choice(older: Shape, newer: Shape, context: Context): Shape {
  const arms = (shape: Shape): readonly Shape[] =>
    shape.kind === "union" || shape.kind === "exclusive" ? shape.arms : [shape];
  const added = arms(older).filter((arm) => !arms(newer).some((other) => coversOlder(other, arm, context)));
  if (added.length === 0) return newer;
  context.merging.onChoice(context.place);
  return { kind: "union", arms: [...arms(newer), ...added] };
}

function coversOlder(wide: Shape, older: Shape, { merging }: Context): boolean {
  return covers(wide, older, { wide: merging.newer, narrow: merging.older });
}

function within({ place, merging }: Context, step: string): Context {
  return { place: place + step, merging };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.min(one, other);
}

function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}
