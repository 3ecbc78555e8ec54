import { mapValues, type Schema } from "../schema/json-schema.ts";

/** JSON Schema as another project publishes it. */
export type Published = Readonly<Record<string, unknown>>;

/** An imported document as this repository keeps it. */
export interface ImportedDocument extends Schema {
  definitions: Record<string, Schema>;
  /** Release that it was taken from. */
  "x-release": string;
  /** Where it comes from: the package, and how its program was asked, with the sum of what it printed. */
  "x-source": { package: string; printed: readonly PrintedBy[] };
  /** Methods that peers know only after both have said so. */
  "x-experimental": string[];
  /** Members of the same kind, as `Type.member`, and arms of choices, as `Type[tag=word]`. */
  "x-experimental-members": string[];
}

/** One run of a program that prints schemas. */
export interface PrintedBy {
  readonly command: string;
  readonly sha256: string;
}

/** What is to be made canonical. */
export interface CanonicalImportOptions {
  readonly title: string;
  readonly release: string;
  /** Package with the program that printed it. */
  readonly printedBy: string;
  readonly sources: readonly PrintedBy[];
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
export function canonicalImport(options: CanonicalImportOptions): ImportedDocument {
  const { title, release, printedBy, sources, document, stable, nested, unions } = options;
  const definitions = flat(document, nested);
  const stableDefinitions = flat(stable, nested);
  const known = methodsOf(stableDefinitions, unions);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title,
    definitions,
    "x-release": release,
    "x-source": { package: `${printedBy}@${release}`, printed: sources },
    "x-experimental": [...methodsOf(definitions, unions)].filter((method) => !known.has(method)).sort(),
    "x-experimental-members": Object.entries(definitions)
      .filter(([name]) => !unions.includes(name))
      .flatMap(([name, schema]) => experimentalMembers(name, schema, stableDefinitions[name]))
      .sort(),
  };
}

/** Nothing of a type that is experimental as a whole: its methods or members are named already. */
function experimentalMembers(name: string, schema: Schema, stable: Schema | undefined): readonly string[] {
  if (stable === undefined) return [];
  const members = Object.keys(schema.properties ?? {}).filter(
    (member) => !Object.hasOwn(stable.properties ?? {}, member),
  );
  const known = new Set((stable.oneOf ?? []).map((arm) => tagsOf(arm)));
  const arms = (schema.oneOf ?? []).map((arm) => tagsOf(arm)).filter((tags) => !known.has(tags));
  return [...members.map((member) => `${name}.${member}`), ...arms.map((tags) => `${name}[${tags}]`)];
}

/** The members of an arm that hold one word, as `mode=url`. */
function tagsOf({ properties = {} }: Schema): string {
  const tags = Object.entries(properties).filter(([, { enum: words }]) => words?.length === 1);
  return tags.map(([member, { enum: words }]) => `${member}=${String(words?.[0])}`).join(",");
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
