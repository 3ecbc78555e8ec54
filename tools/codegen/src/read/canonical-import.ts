import { mapValues, type Schema } from "../schema/json-schema.ts";

/** JSON Schema as another project publishes it. */
type Published = Readonly<Record<string, unknown>>;

/** An imported document as this repository keeps it. */
export interface ImportedDocument extends Schema {
  definitions: Record<string, Schema>;
  /** Release that it was taken from. */
  "x-release": string;
  /** Methods that peers know only after both have said so. */
  "x-experimental": string[];
}

/** What is to be made canonical. */
export interface CanonicalImportOptions {
  readonly title: string;
  readonly release: string;
  /** The whole document. */
  readonly document: Published;
  /** The same without what is experimental. */
  readonly stable: Published;
  /** Members of `definitions` that hold definitions themselves. */
  readonly nested: readonly string[];
  /** Types whose arms are messages with a method. */
  readonly unions: readonly string[];
}

/**
 * A published document as this repository keeps it: every type directly under `definitions`, references to match, no prose,
 * and no titles, which repeat the names of types or are none. What a schema accepts stays the same.
 *
 * @throws Error for two types of one name that differ.
 */
export function canonicalImport({ title, release, document, stable, nested, unions }: CanonicalImportOptions) {
  const definitions = flat(document, nested);
  const known = methodsOf(flat(stable, nested), unions);
  const imported: ImportedDocument = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title,
    definitions,
    "x-release": release,
    "x-experimental": [...methodsOf(definitions, unions)].filter((method) => !known.has(method)).sort(),
  };
  return imported;
}

function flat(document: Published, nested: readonly string[]): Record<string, Schema> {
  const definitions: Record<string, Schema> = {};
  const add = (level: Published): void => {
    for (const [name, value] of Object.entries(level)) {
      if (nested.includes(name)) {
        add(value as Published);
        continue;
      }
      const schema = plain(value);
      const other = definitions[name];
      if (other !== undefined && JSON.stringify(other) !== JSON.stringify(schema)) {
        throw new Error(`type ${name} is there twice, and differs`);
      }
      definitions[name] = schema;
    }
  };
  add(document.definitions as Published);
  return definitions;
}

function methodsOf(definitions: Readonly<Record<string, Schema>>, unions: readonly string[]): Set<string> {
  const arms = unions.flatMap((name) => definitions[name]?.oneOf ?? []);
  return new Set(arms.flatMap((arm) => arm.properties?.method?.enum ?? []).map(String));
}

const PROSE: ReadonlySet<string> = new Set(["$schema", "title", "description"]);
const LISTS_OF_SCHEMAS: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf"]);

/** A schema without prose. `true` becomes `{}`, which says the same. Keywords that are not known here stay as they are. */
function plain(schema: unknown): Schema {
  if (schema === true) return {};
  if (typeof schema !== "object" || schema === null) return schema as Schema;
  const kept = Object.entries(schema).filter(([keyword]) => !PROSE.has(keyword));
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, plainValue(keyword, value)]));
}

function plainValue(keyword: string, value: unknown): unknown {
  if (keyword === "$ref") return `#/definitions/${String(value).split("/").at(-1)}`;
  if (keyword === "properties") return mapValues(value as Record<string, unknown>, plain);
  if (keyword === "items" || (keyword === "additionalProperties" && typeof value === "object")) return plain(value);
  return LISTS_OF_SCHEMAS.has(keyword) && Array.isArray(value) ? value.map(plain) : value;
}
