import { compile } from "json-schema-to-typescript";
import { literal, typeName } from "../identifiers.ts";
import type { RecordShape, Shape, TaggedShape } from "../schema/shape.ts";
import { withoutCatchAll } from "./catch-all.ts";
import { commonMembers } from "./common-members.ts";

/** Schemas as the compiler of types takes them. */
type Schema = Parameters<typeof compile>[0];

/** What is said about types, and is no part of their shapes. */
export interface TypeNotes {
  /** The comment on a type or member, by its place: `Thread`, `Thread.extra`, `ThreadItem[type=sleep]`. Undefined: none. */
  commentOn(place: string, shape: Shape, isOptional: boolean): string | undefined;
  /** Whether receivers of the type may meet words and kinds that it does not list. */
  isOpen(type: string): boolean;
  /** Module of what stands for these: `UnknownWord`, `UnknownKind` and `UnknownVariant`. */
  readonly unknown: string;
}

/** What holds a member for each type; it ties the names of the wire to those that the compiler of types gives. */
const INDEX = "WireTypes";

/** The place of what no release has: nothing is said about it. */
const NOWHERE = "";

const UNKNOWN = ["UnknownKind", "UnknownVariant", "UnknownWord"];

/** TypeScript for imported types, as source: each under the name that it has on the wire. */
export async function emitTypes(shapes: ReadonlyMap<string, Shape>, notes?: TypeNotes): Promise<string> {
  const names = [...shapes.keys()].map(typeName);
  const definitions = Object.fromEntries(
    [...shapes].map(([name, shape]) => {
      const writer = new Writer(notes, notes?.isOpen(name) === true);
      return [name, commented(writer.schemaOf(shape, name), notes?.commentOn(name, shape, false))];
    }),
  );
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }]));
  const index: Schema = { type: "object", properties, required: names, definitions };
  const source = await compile(index, INDEX, {
    additionalProperties: false,
    bannerComment: "",
    format: false,
    ignoreMinAndMaxItems: true,
  });
  const exported = new Set([...source.matchAll(/^export (?:type|interface) ([\w$]+)/gm)].map(([, name]) => name));
  const renamed = names.filter((name) => !exported.has(name));
  const aliases = renamed.map((name) => `export type ${name} = ${INDEX}[${JSON.stringify(name)}];\n`);
  const used = UNKNOWN.filter((name) => new RegExp(`\\b${name}\\b`).test(source));
  const imports =
    notes === undefined || used.length === 0
      ? []
      : [`import type { ${used.join(", ")} } from ${literal(notes.unknown)};\n`];
  return [...imports, source, ...aliases].join("\n");
}

/** Writes each shape as the plainest schema of the same values, which leaves the compiler of types nothing to make up. */
class Writer {
  readonly #notes: TypeNotes | undefined;
  /** Whether words and kinds have a further one that stands for those of newer peers. */
  readonly #isOpen: boolean;

  constructor(notes: TypeNotes | undefined, isOpen: boolean) {
    this.#notes = notes;
    this.#isOpen = isOpen;
  }

  schemaOf(shape: Shape, place: string): Schema {
    const inner = (part: Shape) => this.schemaOf(part, place);
    switch (shape.kind) {
      case "anything":
        // Said in so many words: a comment beside nothing would make it an object.
        return { tsType: "unknown" };
      case "null":
        return { type: "null" };
      case "boolean":
        return { type: "boolean" };
      case "words":
        return this.#words(shape.words);
      case "text":
        return { type: "string" };
      case "number":
        return { type: "number" };
      case "list":
        return { type: "array", items: inner(shape.items) };
      case "record":
        return this.#record(shape, place);
      case "map":
        return { type: "object", additionalProperties: inner(shape.values) };
      case "reference":
        return { $ref: `#/definitions/${encodeURIComponent(shape.name)}` };
      case "nullable":
        return { anyOf: [inner(shape.of), { type: "null" }] };
      case "union":
      case "exclusive":
        return { anyOf: this.#arms(shape.arms, place) };
      case "all":
        return { allOf: shape.parts.map(inner) };
      case "tagged": {
        const arms = [...shape.arms].flatMap(([word, records]) =>
          records.map((record) => this.#record(record, `${place}[${shape.tag}=${word}]`, shape.tag)),
        );
        return { anyOf: [...arms, ...this.#unknownKind(shape)] };
      }
      case "variants": {
        const members = [...shape.members].map(([name, part]) =>
          this.#record({ kind: "record", members: [{ name, shape: part, isRequired: true }], rest: "refused" }, place),
        );
        const words = shape.words.length === 0 ? this.#unknown("UnknownWord") : [this.#words(shape.words)];
        return { anyOf: [...words, ...members, ...this.#unknown("UnknownVariant")] };
      }
    }
  }

  #words(words: readonly unknown[]): Schema {
    const listed: Schema = { enum: [...words] as never };
    return words.some((word) => typeof word === "string") && this.#isOpen
      ? { anyOf: [listed, ...this.#unknown("UnknownWord")] }
      : listed;
  }

  #arms(arms: readonly Shape[], place: string): Schema[] {
    return withoutCatchAll(arms).map((arm): Schema => {
      if (arm === "unknownWord") return { tsType: "UnknownWord" };
      if (arm === "unknownVariant") return { tsType: "UnknownVariant" };
      if (arm.kind === "words") return { enum: [...arm.words] as never };
      return arm.kind === "record" ? this.#record(arm, place, ...singleWords(arm)) : this.schemaOf(arm, place);
    });
  }

  /** @param closed - Members that tell arms apart, whose words are what they are. */
  #record({ members, rest }: RecordShape, place: string, ...closed: readonly string[]): Schema {
    const properties = members.map(({ name, shape, isRequired }) => {
      const isTag = closed.includes(name);
      const at = isTag && place.endsWith("]") ? place : `${place}.${name}`;
      const schema =
        isTag && shape.kind === "words"
          ? { enum: [...shape.words] as never }
          : this.schemaOf(shape, `${place}.${name}`);
      return [name, commented(schema, this.#notes?.commentOn(at, shape, !isRequired))];
    });
    return {
      type: "object",
      properties: Object.fromEntries(properties),
      required: members.filter(({ isRequired }) => isRequired).map(({ name }) => name),
      additionalProperties: typeof rest === "string" ? rest === "kept" : this.schemaOf(rest, place),
    };
  }

  #unknownKind(shape: TaggedShape): Schema[] {
    const [kind] = this.#unknown(`UnknownKind<${literal(shape.tag)}>`);
    const members = commonMembers(shape);
    if (kind === undefined) return [];
    return [
      members.length === 0 ? kind : { allOf: [kind, this.#record({ kind: "record", members, rest: "open" }, NOWHERE)] },
    ];
  }

  #unknown(type: string): Schema[] {
    return this.#isOpen ? [{ tsType: type }] : [];
  }
}

function singleWords({ members }: RecordShape): string[] {
  return members.filter(({ shape }) => shape.kind === "words" && shape.words.length === 1).map(({ name }) => name);
}

/** A comment beside a reference would make the compiler write the type once more, under another name. */
function commented(schema: Schema, comment: string | undefined): Schema {
  if (comment === undefined) return schema;
  return schema.$ref === undefined ? { ...schema, description: comment } : { allOf: [schema], description: comment };
}
