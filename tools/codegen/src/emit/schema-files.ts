import { canonicalJson } from "../canonical-json.ts";
import type { ApiSchemas } from "../read/api-schemas.ts";
import { definitionName, mapSchema, referencedNames, type Schema } from "../schema/json-schema.ts";

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** What the `$id` of every schema begins with: names for references between them, at which nothing is to be fetched. */
const IDS = "https://schemas.holdfast.invalid";

/** Every type of every API, with its owner. */
export type Catalog = ReadonlyMap<string, { readonly schema: Schema; readonly api: string }>;

/** @throws Error when two APIs export the same name. */
export function catalogOf(all: readonly ApiSchemas[]): Catalog {
  const catalog = new Map<string, { schema: Schema; api: string }>();
  for (const { api, types } of all) {
    for (const [name, schema] of types) {
      const other = catalog.get(name);
      if (other !== undefined) throw new Error(`type ${name} belongs to ${other.api} and to ${api.name}`);
      catalog.set(name, { schema, api: api.name });
    }
  }
  return catalog;
}

/** One file per type; references are relative file names. */
export function typeFiles({ api, types }: ApiSchemas, catalog: Catalog): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, schema] of types) {
    const linked = mapSchema(schema, (part) =>
      part.$ref === undefined ? part : { ...part, $ref: fileRef(definitionName(part.$ref), api.name, catalog) },
    );
    files.set(
      `${api.schemas}/${name}.json`,
      canonicalJson({ $schema: DRAFT, $id: `${IDS}/${api.name}/${name}.json`, title: name, ...rooted(linked) }),
    );
  }
  return files;
}

/** Beside a reference, `$id` would say nothing. */
function rooted({ $ref, ...rest }: Schema): Schema {
  return $ref === undefined ? rest : { ...rest, allOf: [{ $ref }] };
}

/** All types of an API, others by name, and what they refer to. */
export function typesWithin(
  { types }: ApiSchemas,
  catalog: Catalog,
  others: readonly string[] = [],
): Map<string, Schema> {
  const found = new Map<string, Schema>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    const { schema } = lookUp(name, catalog);
    found.set(name, schema);
    referencedNames(schema).forEach(add);
  };
  for (const name of [...types.keys(), ...others]) add(name);
  return found;
}

/** @throws Error for a name that no API exports. */
export function lookUp(name: string, catalog: Catalog): { readonly schema: Schema; readonly api: string } {
  const found = catalog.get(name);
  if (found === undefined) throw new Error(`type ${name} is referred to, but no API exports it`);
  return found;
}

function fileRef(name: string, from: string, catalog: Catalog): string {
  const { api } = lookUp(name, catalog);
  return api === from ? `${name}.json` : `../${api}/${name}.json`;
}
