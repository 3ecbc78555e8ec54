import { isDeepStrictEqual } from "node:util";
import type { Member, NumberShape, RecordShape, Shape, TextShape } from "../schema/shape.ts";

/** The shapes that references lead to, on either side. */
export interface Sides {
  readonly wide: ReadonlyMap<string, Shape>;
  readonly narrow: ReadonlyMap<string, Shape>;
}

/** Whether a shape takes every value that another takes. False also where that can not be told from the two alone. */
export function covers(wide: Shape, narrow: Shape, sides: Sides): boolean {
  return new Comparison(sides).covers(wide, narrow);
}

class Comparison {
  readonly #sides: Sides;
  /** Pairs of types that are being compared: what they hold of each other decides nothing new. */
  readonly #assumed = new Set<string>();

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  covers(wide: Shape, narrow: Shape): boolean {
    if (wide.kind === "anything") return true;
    if (wide.kind === "reference" || narrow.kind === "reference") return this.#coversReferences(wide, narrow);
    if (narrow.kind === "nullable") return this.covers(wide, { kind: "null" }) && this.covers(wide, narrow.of);
    if (wide.kind === "nullable") return narrow.kind === "null" || this.covers(wide.of, narrow);
    const parts = partsOf(narrow);
    if (parts.length > 1) return parts.every((part) => this.covers(wide, part));
    switch (wide.kind) {
      case "union":
        return wide.arms.some((arm) => this.covers(arm, narrow));
      case "tagged":
        return [...wide.arms.values()].flat().some((arm) => this.covers(arm, narrow));
      case "null":
      case "boolean":
        return narrow.kind === wide.kind;
      case "words":
        return narrow.kind === "words" && narrow.words.every((word) => wide.words.includes(word));
      case "text":
        return coversTexts(wide, narrow);
      case "number":
        return narrow.kind === "number" && coversNumbers(wide, narrow);
      case "list":
        return (
          narrow.kind === "list" &&
          this.covers(wide.items, narrow.items) &&
          (wide.minItems ?? 0) <= (narrow.minItems ?? 0) &&
          (narrow.maxItems ?? Number.POSITIVE_INFINITY) <= (wide.maxItems ?? Number.POSITIVE_INFINITY)
        );
      case "map":
        return narrow.kind === "map" && this.covers(wide.values, narrow.values);
      case "record":
        return narrow.kind === "record" && this.#coversRecords(wide, narrow);
      default:
        return isDeepStrictEqual(wide, narrow);
    }
  }

  #coversReferences(wide: Shape, narrow: Shape): boolean {
    const key = JSON.stringify([wide, narrow]);
    if (this.#assumed.has(key)) return true;
    this.#assumed.add(key);
    const left = wide.kind === "reference" ? this.#sides.wide.get(wide.name) : wide;
    const right = narrow.kind === "reference" ? this.#sides.narrow.get(narrow.name) : narrow;
    return left !== undefined && right !== undefined && this.covers(left, right);
  }

  #coversRecords(wide: RecordShape, narrow: RecordShape): boolean {
    const members = new Map<string, Member>(narrow.members.map((member) => [member.name, member]));
    const known = new Set(wide.members.map(({ name }) => name));
    if (wide.rest === "refused" && (narrow.rest !== "refused" || narrow.members.some(({ name }) => !known.has(name)))) {
      return false;
    }
    if (typeof wide.rest !== "string" && !isDeepStrictEqual(wide.rest, narrow.rest)) return false;
    return wide.members.every(({ name, shape, isRequired }) => {
      const member = members.get(name);
      if (member === undefined) return !isRequired;
      return (member.isRequired || !isRequired) && this.covers(shape, member.shape);
    });
  }
}

/** What a choice is between; other shapes by themselves. */
function partsOf(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case "union":
    case "exclusive":
      return shape.arms;
    case "tagged":
      return [...shape.arms.values()].flat();
    case "variants":
      return [
        ...(shape.words.length === 0 ? [] : [{ kind: "words", words: shape.words } as const]),
        ...[...shape.members].map(([name, member]): Shape => {
          return { kind: "record", members: [{ name, shape: member, isRequired: true }], rest: "refused" };
        }),
      ];
    default:
      return [shape];
  }
}

function coversTexts(wide: TextShape, narrow: Shape): boolean {
  if (isDeepStrictEqual(wide, narrow)) return true;
  const isPlain = [wide.format, wide.minLength, wide.maxLength, wide.pattern].every((part) => part === undefined);
  if (!isPlain || wide.isBase64) return false;
  return narrow.kind === "text" || (narrow.kind === "words" && narrow.words.every((word) => typeof word === "string"));
}

function coversNumbers(wide: NumberShape, narrow: NumberShape): boolean {
  if (isDeepStrictEqual(wide, narrow)) return true;
  const isPlain = wide.format === undefined && Object.keys(wide.bounds).length === 0;
  return isPlain && (!wide.isWhole || narrow.isWhole);
}
