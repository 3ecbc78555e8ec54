import { NUMBER_FORMATS, TEXT_FORMATS, WHOLE_FORMATS } from "./formats.ts";
import { joinRecords } from "./join-records.ts";
import { definitionName, type Schema } from "./json-schema.ts";
import { Keywords, Place } from "./keywords.ts";
import { oneOfShapes } from "./one-of.ts";
import type { Bounds, ListShape, Member, NumberShape, RecordShape, Rest, Shape, TextShape, Word } from "./shape.ts";

/**
 * What a schema says, with nothing left out and nothing guessed.
 *
 * @throws Error of one line that names the type, the place in it and the keyword, for whatever the generator has no form for.
 */
export function readShape(schema: Schema, type: string): Shape {
  return shapeAt(schema, new Place(type));
}

function shapeAt(schema: Schema, place: Place): Shape {
  const keywords = new Keywords(schema, place);
  const shape = shapeOf(keywords);
  keywords.finish();
  return shape;
}

function shapeOf(keywords: Keywords): Shape {
  const ref = keywords.take("$ref");
  if (ref !== undefined) return { kind: "reference", name: definitionName(ref) };
  const types = typesOf(keywords);
  const alone = plainShape(types, keywords);
  const combined = [...combinations(keywords)];
  if (combined.length === 0) return alone ?? { kind: "anything" };
  return joined(alone, combined, types === undefined, keywords.place);
}

/** A schema and its combinations at once. What combines records is distributed over them; the rest has to fit all. */
function joined(alone: Shape | undefined, combined: readonly Shape[], isTypeless: boolean, place: Place): Shape {
  const nullable = alone?.kind === "nullable" ? alone : undefined;
  const parts = [nullable?.of ?? alone, ...combined].filter((part) => part !== undefined);
  const [first = { kind: "anything" } as const, ...others] = parts;
  if (others.length === 0) return first;
  if (nullable !== undefined) throw place.error('null in "type" has no meaning beside combinations');
  const records = joinRecords(parts, place);
  if (records !== undefined) return records;
  if (isTypeless && first.kind === "record") throw place.error('keyword "properties" needs "type": "object"');
  return { kind: "all", parts };
}

function* combinations(keywords: Keywords): Generator<Shape> {
  const { place } = keywords;
  const arms = (name: "anyOf" | "oneOf" | "allOf"): Shape[] | undefined => {
    const schemas = keywords.take(name);
    if (schemas === undefined) return undefined;
    if (!Array.isArray(schemas) || schemas.length === 0) throw place.error(`keyword "${name}" needs a list of schemas`);
    return schemas.map((schema, index) => shapeAt(schema, place.item(name, index)));
  };
  const any = arms("anyOf");
  if (any !== undefined) yield withNull(any, (solid) => ({ kind: "union", arms: solid }));
  const one = arms("oneOf");
  if (one !== undefined) yield withNull(one, oneOfShapes);
  yield* arms("allOf") ?? [];
}

function withNull(arms: readonly Shape[], union: (solid: readonly Shape[]) => Shape): Shape {
  const solid = arms.filter(({ kind }) => kind !== "null");
  const [only] = solid;
  const shape: Shape = only === undefined ? { kind: "null" } : solid.length === 1 ? only : union(solid);
  return solid.length === arms.length || shape.kind === "null" ? shape : { kind: "nullable", of: shape };
}

/** What a schema says without its combinations; undefined when it says nothing. */
function plainShape(types: readonly string[] | undefined, keywords: Keywords): Shape | undefined {
  const listed = wordsOf(keywords);
  if (listed !== undefined) {
    checkNumbers(listed, types, keywords);
    return wordsShape(listed, types, keywords.place);
  }
  if (types === undefined) {
    return keywords.has("properties", "required") ? recordOf(keywords) : undefined;
  }
  const arms = types.map((type) => shapeOfType(type, keywords));
  return withNull(arms, (solid) => ({ kind: "union", arms: solid }));
}

function typesOf(keywords: Keywords): readonly string[] | undefined {
  const type = keywords.take("type");
  if (type === undefined) return undefined;
  const types = Array.isArray(type) ? type : [type];
  if (types.length === 0) throw keywords.place.error('keyword "type" lists nothing');
  return types;
}

function wordsOf(keywords: Keywords): readonly Word[] | undefined {
  const { place } = keywords;
  if (keywords.has("const")) return [word(keywords.take("const"), place)];
  const listed = keywords.take("enum");
  if (listed === undefined) return undefined;
  if (!Array.isArray(listed) || listed.length === 0) throw place.error('keyword "enum" needs a list of values');
  return listed.map((value) => word(value, place));
}

function word(value: unknown, place: Place): Word {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  throw place.error(`keyword "enum" can not list ${JSON.stringify(value)}`);
}

function wordsShape(words: readonly Word[], types: readonly string[] | undefined, place: Place): Shape {
  const fits = (value: Word): boolean => types === undefined || types.some((type) => isOfType(value, type));
  const stray = words.find((value) => !fits(value));
  if (stray !== undefined) throw place.error(`keyword "enum" lists ${JSON.stringify(stray)}, which "type" forbids`);
  const solid = words.filter((value) => value !== null);
  if (solid.length === 0) return { kind: "null" };
  const shape: Shape = { kind: "words", words: solid };
  return solid.length === words.length ? shape : { kind: "nullable", of: shape };
}

/** What is said of all numbers of a type says nothing more about listed ones, as long as they fit. */
function checkNumbers(words: readonly Word[], types: readonly string[] | undefined, keywords: Keywords): void {
  const isWhole = types?.includes("integer") === true;
  if (!isWhole && types?.includes("number") !== true) return;
  const { format, bounds } = numberOf(keywords, isWhole);
  const [low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY] = WHOLE_FORMATS[format ?? ""] ?? [];
  const stray = words.find(
    (value) =>
      typeof value === "number" &&
      (value < Math.max(low, bounds.minimum ?? low) ||
        value > Math.min(high, bounds.maximum ?? high) ||
        value <= (bounds.exclusiveMinimum ?? Number.NEGATIVE_INFINITY) ||
        value >= (bounds.exclusiveMaximum ?? Number.POSITIVE_INFINITY)),
  );
  if (stray !== undefined) throw keywords.place.error(`keyword "enum" lists ${stray}, which is out of bounds`);
}

function isOfType(value: Word, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function shapeOfType(type: string, keywords: Keywords): Shape {
  switch (type) {
    case "null":
      return { kind: "null" };
    case "boolean":
      return { kind: "boolean" };
    case "string":
      return textOf(keywords);
    case "integer":
      return numberOf(keywords, true);
    case "number":
      return numberOf(keywords, false);
    case "array":
      return listOf(keywords);
    case "object":
      return recordOf(keywords);
    default:
      throw keywords.place.error(`keyword "type" can not be ${JSON.stringify(type)}`);
  }
}

function textOf(keywords: Keywords): TextShape {
  const { place } = keywords;
  const format = keywords.take("format");
  if (format !== undefined && !TEXT_FORMATS.has(format)) throw unknownFormat(format, "string", place);
  const encoding = keywords.take("contentEncoding");
  if (encoding !== undefined && encoding !== "base64") {
    throw place.error(`keyword "contentEncoding" can not be ${JSON.stringify(encoding)}`);
  }
  const pattern = keywords.take("pattern");
  if (pattern !== undefined) checkPattern(pattern, place);
  return {
    kind: "text",
    format,
    isBase64: encoding === "base64",
    minLength: count(keywords, "minLength"),
    maxLength: count(keywords, "maxLength"),
    pattern,
  };
}

function checkPattern(pattern: string, place: Place): void {
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    throw place.error(`keyword "pattern" is no regular expression: ${error instanceof Error ? error.message : error}`);
  }
}

function numberOf(keywords: Keywords, isWhole: boolean): NumberShape {
  const { place } = keywords;
  const format = keywords.take("format");
  const isKnown = format === undefined || (isWhole ? WHOLE_FORMATS[format] !== undefined : NUMBER_FORMATS.has(format));
  if (!isKnown) throw unknownFormat(format, isWhole ? "integer" : "number", place);
  const [low, high] = WHOLE_FORMATS[format ?? ""] ?? [];
  const bounds: { -readonly [K in keyof Bounds]: Bounds[K] } = {};
  for (const name of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const) {
    const bound = keywords.take(name);
    if (bound === undefined) continue;
    if (typeof bound !== "number") throw place.error(`keyword "${name}" needs a number`);
    const isImplied = (name === "minimum" && bound === low) || (name === "maximum" && bound === high);
    if (!isImplied) bounds[name] = bound;
  }
  return { kind: "number", isWhole, format, bounds };
}

function unknownFormat(format: string, type: string, place: Place): Error {
  return place.error(`keyword "format" of type "${type}" can not be ${JSON.stringify(format)}`);
}

function listOf(keywords: Keywords): ListShape {
  const items = keywords.take("items");
  if (Array.isArray(items)) throw keywords.place.error('keyword "items" can not be a list');
  return {
    kind: "list",
    items: items === undefined ? { kind: "anything" } : shapeAt(items, keywords.place.inside("items")),
    minItems: count(keywords, "minItems"),
    maxItems: count(keywords, "maxItems"),
  };
}

function count(keywords: Keywords, name: "minItems" | "maxItems" | "minLength" | "maxLength"): number | undefined {
  const value = keywords.take(name);
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
  throw keywords.place.error(`keyword "${name}" needs a whole number`);
}

function recordOf(keywords: Keywords): Shape {
  const { place } = keywords;
  const properties = keywords.take("properties") ?? {};
  const required = keywords.take("required") ?? [];
  const optional = Object.keys(properties)
    .filter((name) => !required.includes(name))
    .sort();
  const members = [...required, ...optional].map((name): Member => {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const shape = schema === undefined ? ANYTHING : shapeAt(schema, place.member("properties", name));
    return { name, shape, isRequired: required.includes(name) };
  });
  const rest = restOf(keywords);
  if (members.length === 0 && typeof rest === "object") return { kind: "map", values: rest };
  const record: RecordShape = { kind: "record", members, rest };
  return record;
}

const ANYTHING: Shape = { kind: "anything" };

function restOf(keywords: Keywords): Rest {
  const rest = keywords.take("additionalProperties");
  if (rest === undefined) return "open";
  if (rest === true) return "kept";
  if (rest === false) return "refused";
  const shape = shapeAt(rest, keywords.place.inside("additionalProperties"));
  return shape.kind === "anything" ? "kept" : shape;
}
