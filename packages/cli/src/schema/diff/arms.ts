import { referencedType, type Schema } from "./release-document.ts";

/** A member of an object. */
export interface Member {
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** One of the forms that a value may have. A schema is a list of them. */
export type Arm =
  | { readonly kind: "any" | "null" | "boolean" }
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "string"; readonly minLength: number }
  | { readonly kind: "number"; readonly isWhole: boolean; readonly least: number; readonly most: number }
  | { readonly kind: "array"; readonly items: Schema }
  | { readonly kind: "map"; readonly values: Schema }
  | ObjectArm
  | { readonly kind: "reference"; readonly name: string };

export interface ObjectArm {
  readonly kind: "object";
  readonly members: Readonly<Record<string, Member>>;
  /** It takes no other members. */
  readonly isClosed: boolean;
}

const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  uint8: [0, 2 ** 8 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 64],
  uint: [0, 2 ** 64],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};

/** The forms that a schema takes, references left as they are. */
export function armsOf(schema: Schema): readonly Arm[] {
  if (schema.$ref !== undefined) return [{ kind: "reference", name: referencedType(schema.$ref) }];
  const forms = schema.oneOf ?? schema.anyOf;
  // Members beside a choice count for each of its forms.
  if (forms !== undefined) {
    return schema.properties === undefined
      ? forms.flatMap(armsOf)
      : forms.flatMap((form) => armsOf(joined(schema, form)));
  }
  const [whole, ...more] = schema.allOf ?? [];
  if (whole !== undefined && more.length === 0) return armsOf(whole);
  if (schema.enum !== undefined) return schema.enum.map((word) => ({ kind: "word", word }));
  if (schema.type === undefined) return [{ kind: "any" }];
  return [schema.type].flat().map((type) => armOf(type, schema));
}

function joined({ oneOf: _, anyOf: __, ...common }: Schema, form: Schema): Schema {
  return {
    ...common,
    ...form,
    properties: { ...common.properties, ...form.properties },
    required: [...(common.required ?? []), ...(form.required ?? [])],
  };
}

function armOf(type: string, schema: Schema): Arm {
  switch (type) {
    case "null":
    case "boolean":
      return { kind: type };
    case "string":
      return { kind: "string", minLength: schema.minLength ?? 0 };
    case "integer":
    case "number": {
      const [least, most] = RANGES[schema.format ?? ""] ?? [-Infinity, Infinity];
      return { kind: "number", isWhole: type === "integer", least: Math.max(least, schema.minimum ?? least), most };
    }
    case "array":
      return { kind: "array", items: schema.items ?? {} };
    case "object":
      return objectArm(schema);
    default:
      throw new Error(`a schema has the type ${type}`);
  }
}

function objectArm({ properties, required = [], additionalProperties }: Schema): Arm {
  const isClosed = additionalProperties === false;
  if (properties === undefined && !isClosed) {
    return { kind: "map", values: typeof additionalProperties === "object" ? additionalProperties : {} };
  }
  const members = Object.entries(properties ?? {}).map(([name, schema]): [string, Member] => [
    name,
    { schema, isRequired: required.includes(name) },
  ]);
  return { kind: "object", members: Object.fromEntries(members), isClosed };
}
