/** What a schema says, in the few forms that emitters know. */
export type Shape =
  | { readonly kind: "anything" }
  | { readonly kind: "null" }
  | { readonly kind: "boolean" }
  | { readonly kind: "words"; readonly words: readonly Word[] }
  | TextShape
  | NumberShape
  | ListShape
  | RecordShape
  | MapShape
  | { readonly kind: "reference"; readonly name: string }
  | { readonly kind: "nullable"; readonly of: Shape }
  /** The first that fits. */
  | { readonly kind: "union"; readonly arms: readonly Shape[] }
  /** Exactly one fits. */
  | { readonly kind: "exclusive"; readonly arms: readonly Shape[] }
  | TaggedShape
  | VariantsShape
  /** All of them fit. */
  | { readonly kind: "all"; readonly parts: readonly Shape[] };

/** A value that a schema lists by itself. */
export type Word = string | number | boolean | null;

export interface TextShape {
  readonly kind: "text";
  readonly format: string | undefined;
  readonly isBase64: boolean;
  /** In code points. */
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: string | undefined;
}

export interface NumberShape {
  readonly kind: "number";
  readonly isWhole: boolean;
  readonly format: string | undefined;
  /** Bounds that the format does not have anyway. */
  readonly bounds: Bounds;
}

export interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

export interface ListShape {
  readonly kind: "list";
  readonly items: Shape;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
}

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
}

/** An object with members by name, required ones first. */
export interface RecordShape {
  readonly kind: "record";
  readonly members: readonly Member[];
  readonly rest: Rest;
}

/** What becomes of members that are not named: `open` ones are not looked at and may be dropped. */
export type Rest = "open" | "kept" | "refused" | Shape;

/** An object of any members with values of one kind. */
export interface MapShape {
  readonly kind: "map";
  readonly values: Shape;
}

/** Records told apart by the word in one member. Several under one word: the first that fits. */
export interface TaggedShape {
  readonly kind: "tagged";
  readonly tag: string;
  readonly arms: ReadonlyMap<string, readonly RecordShape[]>;
}

/** A word by itself, or an object whose one member is named by a word. */
export interface VariantsShape {
  readonly kind: "variants";
  readonly words: readonly string[];
  readonly members: ReadonlyMap<string, Shape>;
}

/** Shapes directly inside a shape. */
export function innerShapes(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case "nullable":
      return [shape.of];
    case "union":
    case "exclusive":
      return shape.arms;
    case "all":
      return shape.parts;
    case "list":
      return [shape.items];
    case "map":
      return [shape.values];
    case "record":
      return [...shape.members.map((member) => member.shape), ...(typeof shape.rest === "string" ? [] : [shape.rest])];
    case "tagged":
      return [...shape.arms.values()].flat();
    case "variants":
      return [...shape.members.values()];
    default:
      return [];
  }
}

/** Every name that a shape refers to, in order, once. */
export function namesIn(shape: Shape): readonly string[] {
  const names = new Set<string>();
  const visit = (part: Shape): void => {
    if (part.kind === "reference") names.add(part.name);
    innerShapes(part).forEach(visit);
  };
  visit(shape);
  return [...names];
}
