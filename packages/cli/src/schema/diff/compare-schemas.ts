import { type Arm, armsOf, type ObjectArm } from "./arms.ts";
import { labelling } from "./labels.ts";
import type { Schema } from "./release-document.ts";

/**
 * What became of a place in a type. `narrowed`: values that were right there are wrong now. `widened`: values that were wrong are right.
 * `added`, `removed`: of a member of an object, or of a word that is named where any text will do.
 */
export type ChangeKind = "added" | "removed" | "narrowed" | "widened";

/** One difference between two types of one name. */
export interface Change {
  /** From the type on, such as `[type=agentMessage].text`, `.items[]` or `.env{}`; empty for the type itself. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** In words, such as "may be null". */
  readonly what: string;
  /** Of a member that was added or removed: whether it has or had to be there. */
  readonly isRequired?: boolean;
}

type Types = Readonly<Record<string, Schema>>;

/** Deeper than any type is nested by itself: references that are no references to one type in both releases are followed. */
const DEPTH_MAX = 32;

/** Tells how schemas of one release differ from those of another. */
export class SchemaComparison {
  readonly #before: Types;
  readonly #after: Types;

  constructor(before: Types, after: Types) {
    this.#before = before;
    this.#after = after;
  }

  /** How two schemas differ. A type that both refer to by one name does not count: it is compared by itself. */
  compare(before: Schema, after: Schema): readonly Change[] {
    return this.#compare(before, after, "", 0);
  }

  #compare(before: Schema, after: Schema, path: string, depth: number): readonly Change[] {
    if (depth > DEPTH_MAX) return [];
    let [allBefore, allAfter] = [armsOf(before), armsOf(after)];
    let [old, now] = withoutShared(allBefore, allAfter);
    // What has another name may be the same all the same.
    if (hasReference(old) || hasReference(now)) {
      [allBefore, allAfter] = [resolved(old, this.#before), resolved(now, this.#after)];
      [old, now] = withoutShared(allBefore, allAfter);
    }
    return [
      ...words(old, now, path, isOpen(allBefore) && isOpen(allAfter)),
      ...this.#scalars(old, now, path),
      ...this.#within(old, now, path, depth),
      ...this.#objects(objectsIn(allBefore), objectsIn(allAfter), path, depth),
    ];
  }

  #scalars(old: readonly Arm[], now: readonly Arm[], path: string): readonly Change[] {
    const changes: Change[] = [];
    const say = (kind: ChangeKind, what: string) => changes.push({ path, kind, what });
    if (has(old, "any") !== has(now, "any")) {
      say(has(now, "any") ? "widened" : "narrowed", has(now, "any") ? "may be anything" : "may not be just anything");
      return changes;
    }
    for (const kind of ["null", "boolean"] as const) {
      if (has(old, kind) !== has(now, kind)) say(...turned(has(now, kind), kind === "null" ? "null" : "a boolean"));
    }
    const [string, string2] = [find(old, "string"), find(now, "string")];
    if ((string === undefined) !== (string2 === undefined)) say(...turned(string2 !== undefined, "any string"));
    else if (string !== undefined && string2 !== undefined && string.minLength !== string2.minLength) {
      say(string2.minLength > string.minLength ? "narrowed" : "widened", `has ${string2.minLength} characters or more`);
    }
    const [number, number2] = [find(old, "number"), find(now, "number")];
    if ((number === undefined) !== (number2 === undefined)) say(...turned(number2 !== undefined, "a number"));
    else if (number !== undefined && number2 !== undefined) {
      if (!holds(number, number2)) say("widened", `may be ${rangeText(number2)}`);
      if (!holds(number2, number)) say("narrowed", `may only be ${rangeText(number2)}`);
    }
    return changes;
  }

  /** What is in arrays and maps. */
  #within(old: readonly Arm[], now: readonly Arm[], path: string, depth: number): readonly Change[] {
    if (has(old, "any") || has(now, "any")) return [];
    const changes: Change[] = [];
    const [array, array2] = [find(old, "array"), find(now, "array")];
    if (array !== undefined && array2 !== undefined) {
      changes.push(...this.#compare(array.items, array2.items, `${path}[]`, depth + 1));
    } else if (array !== array2) changes.push({ path, ...kindAndText(array2 !== undefined, "an array") });
    const [map, map2] = [find(old, "map"), find(now, "map")];
    if (map !== undefined && map2 !== undefined) {
      changes.push(...this.#compare(map.values, map2.values, `${path}{}`, depth + 1));
    } else if (map !== map2) changes.push({ path, ...kindAndText(map2 !== undefined, "any object") });
    return changes;
  }

  #objects(old: readonly ObjectArm[], now: readonly ObjectArm[], path: string, depth: number): readonly Change[] {
    const labelOf = labelling(old, now);
    const [before, after] = [groups(old, labelOf), groups(now, labelOf)];
    const labels = new Set([...before.keys(), ...after.keys()]);
    return [...labels].flatMap((label) => {
      const [older, newer] = [before.get(label) ?? [], after.get(label) ?? []];
      // Forms that nothing tells apart are the same where they are word for word, or need the same members.
      const [gone, come] = withoutShared(older, newer);
      const pairs = pairsOf(gone, come);
      const place = label === "" ? path : `${path}[${label}]`;
      const isOne = older.length <= 1 && newer.length <= 1;
      const text = (arm: ObjectArm) => (label !== "" && isOne ? "this form" : formText(arm));
      return [
        ...pairs.both.flatMap(([one, other]) => this.#members(one, other, place, depth)),
        ...pairs.come.map((arm): Change => ({ path: place, kind: "widened", what: `${text(arm)} is new` })),
        ...pairs.gone.map((arm): Change => ({ path: place, kind: "narrowed", what: `${text(arm)} is gone` })),
      ];
    });
  }

  #members(old: ObjectArm, now: ObjectArm, path: string, depth: number): readonly Change[] {
    const changes: Change[] = [];
    for (const [name, { schema, isRequired }] of Object.entries(now.members)) {
      const place = `${path}.${name}`;
      const member = Object.hasOwn(old.members, name) ? old.members[name] : undefined;
      if (member === undefined) {
        changes.push({ path: place, kind: "added", what: isRequired ? "required" : "optional", isRequired });
        continue;
      }
      if (isRequired && !member.isRequired) changes.push({ path: place, kind: "narrowed", what: "has to be there" });
      if (!isRequired && member.isRequired) changes.push({ path: place, kind: "widened", what: "may be left out" });
      changes.push(...this.#compare(member.schema, schema, place, depth + 1));
    }
    for (const [name, { isRequired }] of Object.entries(old.members)) {
      if (Object.hasOwn(now.members, name)) continue;
      changes.push({
        path: `${path}.${name}`,
        kind: "removed",
        what: isRequired ? "was required" : "was optional",
        isRequired,
      });
    }
    if (now.isClosed !== old.isClosed) {
      changes.push({
        path,
        kind: now.isClosed ? "narrowed" : "widened",
        what: `${now.isClosed ? "no" : "any"} other member`,
      });
    }
    return changes;
  }
}

/**
 * Words that are named.
 *
 * @param takesAll - Every other word is right, too, in both.
 */
function words(old: readonly Arm[], now: readonly Arm[], path: string, takesAll: boolean): readonly Change[] {
  // That any text will do, or does not any more, says all.
  if (!takesAll && (isOpen(old) || isOpen(now))) return [];
  const [before, after] = [wordsOf(old), wordsOf(now)];
  const come = after.filter((word) => !before.includes(word));
  const gone = before.filter((word) => !after.includes(word));
  return [
    ...come.map((word): Change => ({ path, kind: takesAll ? "added" : "widened", what: `"${word}" is new` })),
    ...gone.map((word): Change => ({ path, kind: takesAll ? "removed" : "narrowed", what: `"${word}" is gone` })),
  ];
}

/** What only one of the two has, compared word for word. */
function withoutShared<Some extends Arm>(
  old: readonly Some[],
  now: readonly Some[],
): [readonly Some[], readonly Some[]] {
  const [before, after] = [textsOf(old), textsOf(now)];
  return [old.filter((arm) => !after.has(JSON.stringify(arm))), now.filter((arm) => !before.has(JSON.stringify(arm)))];
}

function textsOf(arms: readonly Arm[]): ReadonlySet<string> {
  return new Set(arms.map((arm) => JSON.stringify(arm)));
}

function hasReference(arms: readonly Arm[]): boolean {
  return arms.some(({ kind }) => kind === "reference");
}

/** Every reference replaced by what it means. */
function resolved(arms: readonly Arm[], types: Types, depth = 0): readonly Arm[] {
  if (depth > DEPTH_MAX) throw new Error("a type refers to itself and to nothing else");
  return arms.flatMap((arm) => {
    if (arm.kind !== "reference") return [arm];
    const schema = types[arm.name];
    if (schema === undefined) throw new Error(`there is no type ${arm.name}`);
    return resolved(armsOf(schema), types, depth + 1);
  });
}

function find<Kind extends Arm["kind"]>(arms: readonly Arm[], kind: Kind): Extract<Arm, { kind: Kind }> | undefined {
  return arms.find((arm): arm is Extract<Arm, { kind: Kind }> => arm.kind === kind);
}

function has(arms: readonly Arm[], kind: Arm["kind"]): boolean {
  return find(arms, kind) !== undefined;
}

/** Whether it takes every word. */
function isOpen(arms: readonly Arm[]): boolean {
  return has(arms, "any") || has(arms, "string");
}

function wordsOf(arms: readonly Arm[]): readonly string[] {
  return arms.flatMap((arm) => (arm.kind === "word" ? [arm.word] : []));
}

function objectsIn(arms: readonly Arm[]): readonly ObjectArm[] {
  return arms.filter((arm) => arm.kind === "object");
}

function groups(
  arms: readonly ObjectArm[],
  labelOf: (arm: ObjectArm) => string,
): ReadonlyMap<string, readonly ObjectArm[]> {
  const found = new Map<string, ObjectArm[]>();
  for (const arm of arms) {
    const label = labelOf(arm);
    const group = found.get(label);
    if (group === undefined) found.set(label, [arm]);
    else group.push(arm);
  }
  return found;
}

function kindAndText(isNew: boolean, what: string): Pick<Change, "kind" | "what"> {
  return { kind: isNew ? "widened" : "narrowed", what: isNew ? `may be ${what}` : `may not be ${what} any more` };
}

function turned(isNew: boolean, what: string): [ChangeKind, string] {
  const { kind, what: text } = kindAndText(isNew, what);
  return [kind, text];
}

type Numbers = Extract<Arm, { kind: "number" }>;

function holds(outer: Numbers, inner: Numbers): boolean {
  return inner.least >= outer.least && inner.most <= outer.most && (!outer.isWhole || inner.isWhole);
}

function rangeText({ isWhole, least, most }: Numbers): string {
  const kind = isWhole ? "a whole number" : "a number";
  if (!Number.isFinite(least) && !Number.isFinite(most)) return kind;
  if (!Number.isFinite(most)) return `${kind} from ${least} on`;
  return `${kind} from ${least} to ${most}`;
}

interface Pairs {
  readonly both: readonly (readonly [ObjectArm, ObjectArm])[];
  readonly gone: readonly ObjectArm[];
  readonly come: readonly ObjectArm[];
}

/** Which forms became which. One that is left on either side became the other. */
function pairsOf(gone: readonly ObjectArm[], come: readonly ObjectArm[]): Pairs {
  const both: [ObjectArm, ObjectArm][] = [];
  const left = [...come];
  const unpaired = gone.filter((arm) => {
    const at = gone.length === 1 && left.length === 1 ? 0 : left.findIndex((each) => needs(each) === needs(arm));
    const [other] = at === -1 ? [] : left.splice(at, 1);
    if (other !== undefined) both.push([arm, other]);
    return other === undefined;
  });
  return { both, gone: unpaired, come: left };
}

/** The members that an object must have. */
function needs({ members }: ObjectArm): string {
  return Object.entries(members)
    .flatMap(([name, { isRequired }]) => (isRequired ? [name] : []))
    .sort()
    .join();
}

function formText({ members }: ObjectArm): string {
  const names = Object.entries(members).map(([name, { isRequired }]) => (isRequired ? name : `${name}?`));
  return `the form {${names.join(", ")}}`;
}
